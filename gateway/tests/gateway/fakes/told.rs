//! What the fake ledger tells of its days, and the files that it writes.

use proto::inventory::v1::{self as pb, export_movements_response, export_stock_response};
use tonic::{Code, Status};

use super::Script;
use super::inventory::Inventory;

/// What it tells.
#[derive(Default)]
pub struct Told {
    /// The report of any days.
    pub report: pb::Report,
    /// The days that were asked for.
    pub days: Vec<(String, String)>,
    /// What the stock cost.
    pub worth: pb::GetStockValueResponse,
    /// How a number came about.
    pub explanation: pb::StockExplanation,
    /// How many bytes a file of so many days has, by what is asked for: the shorter, the fewer.
    pub bytes_of_a_day: usize,
    /// How many files were written: each is another.
    pub written: u8,
    /// What was asked of them: format and seconds from start to end.
    pub files: Vec<(i32, i64)>,
    /// Whether this ledger knows no files.
    pub is_old: bool,
}

impl Told {
    /// Returns the bytes of the next file.
    fn write(&mut self, length: usize) -> Vec<Vec<u8>> {
        self.written += 1;
        vec![self.written; length].chunks(64 * 1024).map(<[u8]>::to_vec).collect()
    }
}

fn description(format: i32, name: &str) -> pb::FileDescription {
    let ending = if format == pb::FileFormat::Csv as i32 { "csv" } else { "xlsx" };
    pb::FileDescription { file_name: format!("{name}.{ending}"), media_type: String::new() }
}

impl Inventory {
    pub(super) fn told(&self, script: Script) -> Script {
        let (stock, movements) = (self.clone(), self.clone());
        script
            .on("GetReport", self.method(Self::get_report))
            .on("GetStockValue", self.method(Self::get_stock_value))
            .on("GetStockExplanation", self.method(Self::get_stock_explanation))
            .on_stream("ExportStock", move |request: pb::ExportStockRequest| stock.export_stock(&request))
            .on_stream("ExportMovements", move |request: pb::ExportMovementsRequest| {
                Ok(movements.export_movements(&request))
            })
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn get_report(&self, request: pb::GetReportRequest) -> Result<pb::GetReportResponse, Status> {
        let mut state = self.state();
        if let Some(pb::get_report_request::Period::Days(days)) = request.period {
            state.told.days.push((days.first_day, days.last_day));
        }
        Ok(pb::GetReportResponse { report: Some(state.told.report.clone()) })
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn get_stock_value(&self, _: pb::GetStockValueRequest) -> Result<pb::GetStockValueResponse, Status> {
        Ok(self.state().told.worth.clone())
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn get_stock_explanation(
        &self,
        _: pb::GetStockExplanationRequest,
    ) -> Result<pb::GetStockExplanationResponse, Status> {
        let stock_explanation = Some(self.state().told.explanation.clone());
        Ok(pb::GetStockExplanationResponse { stock_explanation })
    }

    fn export_stock(&self, request: &pb::ExportStockRequest) -> Result<Vec<pb::ExportStockResponse>, Status> {
        let mut state = self.state();
        if state.told.is_old {
            return Err(Status::new(Code::Unimplemented, "not yet"));
        }
        state.told.files.push((request.format, 0));
        let length = state.told.bytes_of_a_day;
        let file = export_stock_response::Part::File(description(request.format, "stock"));
        let chunks = state.told.write(length).into_iter().map(export_stock_response::Part::Chunk);
        let part = |part| pb::ExportStockResponse { part: Some(part) };
        Ok(std::iter::once(file).chain(chunks).map(part).collect())
    }

    fn export_movements(&self, request: &pb::ExportMovementsRequest) -> Vec<pb::ExportMovementsResponse> {
        let mut state = self.state();
        let seconds = |time: &Option<prost_types::Timestamp>| time.as_ref().map_or(0, |time| time.seconds);
        let length = seconds(&request.end_time) - seconds(&request.start_time);
        state.told.files.push((request.format, length));
        let days = usize::try_from(length / (24 * 60 * 60)).unwrap();
        let length = days * state.told.bytes_of_a_day;
        let file = export_movements_response::Part::File(description(request.format, "movements"));
        let chunks = state.told.write(length).into_iter().map(export_movements_response::Part::Chunk);
        let part = |part| pb::ExportMovementsResponse { part: Some(part) };
        std::iter::once(file).chain(chunks).map(part).collect()
    }
}
