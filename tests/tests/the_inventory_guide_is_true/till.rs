//! A till that keeps its stock in the ledger: the client of docs/inventory-api.md.

use std::time::Duration;

use proto::common::v1::Decimal;
use proto::inventory::v1 as pb;
use proto::inventory::v1::ErrorReason;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::inventory::v1::{item_reference::Reference, operation_line::Effect};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

/// How often a call is made in all.
const ATTEMPTS: u32 = 6;

/// Shows the caller's key with every call.
#[derive(Clone)]
pub struct Key(MetadataValue<Ascii>);

impl Interceptor for Key {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A till of one shop.
pub struct Till {
    ledger: InventoryServiceClient<InterceptedService<Channel, Key>>,
    shop_id: String,
}

impl Till {
    /// Prepares to call; the connection is made by the first call, and again after it broke.
    pub fn new(url: &str, caller_key: &str, shop_id: &str) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(url.to_owned())?.timeout(Duration::from_secs(30)).connect_lazy();
        let mut bearer: MetadataValue<Ascii> = format!("Bearer {caller_key}").parse()?;
        bearer.set_sensitive(true);
        let ledger = InventoryServiceClient::with_interceptor(channel, Key(bearer));
        Ok(Self { ledger, shop_id: shop_id.to_owned() })
    }

    /// Posts a sale. The number of the receipt names the request, so the same receipt counts once for good.
    pub async fn sell(
        &mut self,
        receipt: &str,
        item: &str,
        quantity: &str,
    ) -> Result<pb::PostOperationResponse, Status> {
        self.post_line(receipt, line(item, pb::MovementKind::Sale, quantity)).await
    }

    /// Posts a delivery; what is not known yet becomes an item.
    pub async fn receive(
        &mut self,
        delivery: &str,
        item: &str,
        quantity: &str,
    ) -> Result<pb::PostOperationResponse, Status> {
        let line = pb::OperationLine { create_item: true, ..line(item, pb::MovementKind::Receipt, quantity) };
        self.post_line(delivery, line).await
    }

    /// Posts one line.
    pub async fn post_line(
        &mut self,
        request_id: &str,
        line: pb::OperationLine,
    ) -> Result<pb::PostOperationResponse, Status> {
        let request = self.request(request_id, line);
        self.post(request).await
    }

    fn request(&self, request_id: &str, line: pb::OperationLine) -> pb::PostOperationRequest {
        pb::PostOperationRequest {
            shop_id: self.shop_id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Grpc.into(),
            lines: vec![line],
            ..Default::default()
        }
    }

    /// Posts, and posts the same again for as long as nobody knows what became of it.
    async fn post(&mut self, request: pb::PostOperationRequest) -> Result<pb::PostOperationResponse, Status> {
        let mut pause = Duration::from_millis(50);
        let mut attempt = 1;
        loop {
            match self.ledger.post_operation(request.clone()).await {
                Err(status) if may_be_repeated(&status) && attempt < ATTEMPTS => {
                    let asked_for = status.get_details_retry_info().and_then(|info| info.retry_delay);
                    tokio::time::sleep(asked_for.unwrap_or(pause)).await;
                    pause *= 2;
                    attempt += 1;
                }
                answer => return answer.map(tonic::Response::into_inner),
            }
        }
    }

    /// Says what a sale would leave, and stores nothing.
    pub async fn preview(&mut self, receipt: &str, item: &str, quantity: &str) -> Result<pb::LineResult, Status> {
        let request = self.request(receipt, line(item, pb::MovementKind::Sale, quantity));
        let mut answer = self.post(pb::PostOperationRequest { dry_run: true, ..request }).await?;
        answer.results.pop().ok_or_else(|| Status::internal("one result for each line"))
    }

    /// Takes what was seen, if it is still all that is on hand.
    pub async fn take(
        &mut self,
        request_id: &str,
        item: &str,
        seen: Decimal,
    ) -> Result<pb::PostOperationResponse, Status> {
        let line = line(item, pb::MovementKind::OwnUse, &seen.value);
        self.post_line(request_id, pb::OperationLine { expected_balance: Some(seen), ..line }).await
    }

    /// Takes everything that is on hand, if what was decided on is still so when it is done.
    pub async fn take_all(&mut self, request_id: &str, item: &str) -> Result<pb::PostOperationResponse, Status> {
        loop {
            let seen = self.on_hand(item).await?;
            match self.take(request_id, item, seen).await {
                // Somebody was faster. Nothing was stored under the id, so it may come with another number.
                Err(status) if reason(&status) == Some(ErrorReason::BalanceChanged) => {}
                answer => return answer,
            }
        }
    }

    /// Returns what is on hand of the one item that a name means.
    pub async fn on_hand(&mut self, item: &str) -> Result<Decimal, Status> {
        let asked =
            pb::GetStockRequest { shop_id: self.shop_id.clone(), item: Some(named(item)), ..Default::default() };
        let answer = self.ledger.get_stock(asked).await?.into_inner();
        match answer.candidates.into_iter().next() {
            Some(first) if answer.exact => Ok(first.on_hand.unwrap_or_default()),
            _ => Err(Status::not_found("no item, or several, go by this name")),
        }
    }

    /// Reads all movements, newest first, a page at a time.
    pub async fn movements(&mut self, page_size: i32) -> Result<Vec<pb::Movement>, Status> {
        let mut asked = pb::ListMovementsRequest { shop_id: self.shop_id.clone(), page_size, ..Default::default() };
        let mut all = Vec::new();
        loop {
            let page = self.ledger.list_movements(asked.clone()).await?.into_inner();
            all.extend(page.movements);
            asked.page_token = page.next_page_token;
            if asked.page_token.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Takes an operation back.
    pub async fn take_back(&mut self, request_id: &str, operation_id: &str) -> Result<pb::Operation, Status> {
        let asked = pb::ReverseOperationRequest {
            shop_id: self.shop_id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Grpc.into(),
            target: Some(pb::reverse_operation_request::Target::OperationId(operation_id.to_owned())),
            ..Default::default()
        };
        let answer = self.ledger.reverse_operation(asked).await?.into_inner();
        answer.operation.ok_or_else(|| Status::internal("an answer holds the reversal"))
    }

    /// Puts the first line of an operation right: it was another quantity.
    pub async fn put_right(
        &mut self,
        request_id: &str,
        operation_id: &str,
        right: pb::OperationLine,
    ) -> Result<pb::CorrectOperationResponse, Status> {
        let asked = pb::CorrectOperationRequest {
            shop_id: self.shop_id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Grpc.into(),
            target: Some(pb::correct_operation_request::Target::OperationId(operation_id.to_owned())),
            corrections: vec![pb::LineCorrection { line_number: 1, line: Some(right) }],
            ..Default::default()
        };
        Ok(self.ledger.correct_operation(asked).await?.into_inner())
    }

    /// Sets the stock of an item to what was counted.
    pub async fn count(&mut self, request_id: &str, item: &str, counted: &str) -> Result<pb::LineResult, Status> {
        let quantity = Some(Decimal { value: counted.to_owned() });
        let line = pb::OperationLine {
            item: Some(named(item)),
            effect: Some(Effect::Count(pb::Count { quantity })),
            ..Default::default()
        };
        let mut answer = self.post_line(request_id, line).await?;
        answer.results.pop().ok_or_else(|| Status::internal("one result for each line"))
    }

    /// Follows what is committed after a cursor, until `take_in` says that it has enough.
    ///
    /// Whoever takes a change in keeps its cursor with what they make of it: in one transaction, where they have one.
    pub async fn follow(
        &mut self,
        cursor: &str,
        mut take_in: impl FnMut(&str, pb::Operation) -> bool,
    ) -> Result<(), Status> {
        let mut asked =
            pb::WatchStockRequest { shop_id: self.shop_id.clone(), cursor: cursor.to_owned(), only_new: false };
        loop {
            match self.follow_once(&mut asked, &mut take_in).await {
                Ok(true) => return Ok(()),
                Err(status) if !may_be_repeated(&status) => return Err(status),
                // A stream that ends or breaks is no failure: the next one goes on where this one was.
                Ok(false) | Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    async fn follow_once(
        &mut self,
        asked: &mut pb::WatchStockRequest,
        take_in: &mut impl FnMut(&str, pb::Operation) -> bool,
    ) -> Result<bool, Status> {
        let mut stream = self.ledger.watch_stock(asked.clone()).await?.into_inner();
        while let Some(response) = stream.message().await? {
            asked.cursor = response.cursor;
            // A heartbeat has no change.
            if let Some(operation) = response.change.and_then(|change| change.operation)
                && !take_in(&asked.cursor, operation)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns a line that changes stock.
pub fn line(item: &str, kind: pb::MovementKind, quantity: &str) -> pb::OperationLine {
    let quantity = Some(Decimal { value: quantity.to_owned() });
    pb::OperationLine {
        item: Some(named(item)),
        effect: Some(Effect::Change(pb::Change { kind: kind.into(), quantity, all: false })),
        ..Default::default()
    }
}

fn named(item: &str) -> pb::ItemReference {
    pb::ItemReference { reference: Some(Reference::Name(item.to_owned())), ..Default::default() }
}

/// Returns the reason that an answer of the ledger carries. What comes from in between has none.
pub fn reason(status: &Status) -> Option<ErrorReason> {
    ErrorReason::from_str_name(&status.get_details_error_info()?.reason)
}

/// Returns whether the same request may be sent again: when the ledger said so, and when it said nothing.
pub fn may_be_repeated(status: &Status) -> bool {
    match reason(status) {
        None => true,
        Some(reason) => {
            matches!(reason, ErrorReason::DatabaseUnavailable | ErrorReason::Overloaded | ErrorReason::Contention)
        }
    }
}
