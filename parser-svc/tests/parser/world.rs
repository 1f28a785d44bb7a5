//! A parser over gRPC, with or without a Gemini that answers by script.

use clap::Parser as _;
use jiff::Timestamp;
use platform::Process;
use platform::clock::Clock;
use platform::shutdown::Shutdown;
use proto::parser::v1 as pb;
use proto::parser::v1::parse_media_request::Part;
use proto::parser::v1::parse_message_request::Content;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use tokio::net::TcpListener;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use wiremock::MockServer;

pub const KEY: &str = "a key of the tests";

type Auth = fn(Request<()>) -> Result<Request<()>, Status>;
type Client = ParserServiceClient<InterceptedService<Channel, Auth>>;

pub struct World {
    pub client: Client,
    pub clock: Clock,
    shutdown: Shutdown,
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

impl World {
    /// Without a key: the grammar reads alone.
    pub async fn with_grammar() -> Self {
        Self::start(&[]).await
    }

    /// With a Gemini at this address.
    pub async fn with_gemini(gemini: &MockServer, more: &[&str]) -> Self {
        Self::with_gemini_at(&gemini.uri(), more).await
    }

    pub async fn with_gemini_at(url: &str, more: &[&str]) -> Self {
        let mut args = vec!["--gemini-api-key", "a-key", "--gemini-api-url", url];
        args.extend_from_slice(more);
        Self::start(&args).await
    }

    async fn start(args: &[&str]) -> Self {
        let callers = format!("tests {} *", platform::grpc::key_hash(KEY));
        let mut flags = vec!["parser-svc", "--caller-keys", &callers];
        flags.extend_from_slice(args);
        let settings = parser_svc::Settings::parse_from(flags);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock = Clock::manual("2026-12-01T12:00:00Z".parse::<Timestamp>().unwrap());
        let shutdown = Shutdown::new();
        let process = Process::new(clock.clone(), shutdown.clone());
        tokio::spawn(parser_svc::serve(settings, listener, process));
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let auth: Auth = |mut request| {
            let value = MetadataValue::try_from(format!("Bearer {KEY}")).unwrap();
            request.metadata_mut().insert("authorization", value);
            Ok(request)
        };
        Self { client: ParserServiceClient::with_interceptor(channel, auth), clock, shutdown }
    }

    pub async fn parse(&self, request: pb::ParseMessageRequest) -> Result<pb::ParseMessageResponse, Status> {
        self.client.clone().parse_message(request).await.map(tonic::Response::into_inner)
    }

    /// Streams a voice note, photo or document in pieces of this size.
    pub async fn parse_media(
        &self,
        message: pb::MediaMessage,
        content: &[u8],
        piece: usize,
    ) -> Result<pb::ParseMediaResponse, Status> {
        let part = |part| pb::ParseMediaRequest { part: Some(part) };
        let mut parts = vec![part(Part::Message(Box::new(message)))];
        parts.extend(content.chunks(piece).map(|chunk| part(Part::Chunk(chunk.to_vec()))));
        self.client.clone().parse_media(futures::stream::iter(parts)).await.map(tonic::Response::into_inner)
    }

    pub async fn read(&self, text: &str) -> pb::ParseMessageResponse {
        self.parse(asking(text)).await.unwrap()
    }
}

pub fn asking(text: &str) -> pb::ParseMessageRequest {
    pb::ParseMessageRequest {
        shop_id: "0190a000-0000-7000-8000-000000000001".to_owned(),
        content: Some(Content::Text(text.to_owned())),
        ..pb::ParseMessageRequest::default()
    }
}

/// What stands before the bytes.
pub fn media(mime_type: &str) -> pb::MediaMessage {
    pb::MediaMessage {
        shop_id: "0190a000-0000-7000-8000-000000000001".to_owned(),
        mime_type: mime_type.to_owned(),
        ..pb::MediaMessage::default()
    }
}

/// One action as a line that a person can read: `add 50 screw`, `remove 3 | ask item`.
pub fn in_words(action: &pb::Action) -> String {
    use pb::action::Intent;
    let intent = action.intent.as_ref().unwrap();
    let line = |line: &Option<pb::StockLine>| line.as_ref().map(line_in_words).unwrap_or_default();
    let item = |item: &Option<pb::ItemMention>| item.as_ref().map(item_in_words).unwrap_or_default();
    let enum_word = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_lowercase();
    let mut words = match intent {
        Intent::Add(add) if add.reason() == pb::AddReason::Return => format!("return {}", line(&add.line)),
        Intent::Add(add) => format!("add {}", line(&add.line)),
        Intent::Remove(remove) => {
            let reason = enum_word(remove.reason().as_str_name(), "REMOVE_REASON_");
            let all = if remove.all { " all" } else { "" };
            format!("remove {} ({reason}{all})", line(&remove.line))
        }
        Intent::SetStock(set) => {
            format!("set {} ({})", line(&set.line), enum_word(set.reason().as_str_name(), "SET_REASON_"))
        }
        Intent::Query(query) => {
            let price = if query.field() == pb::QueryField::Price { " price" } else { "" };
            let extra = |label: &str, value: &Option<proto::common::v1::Decimal>| {
                value.as_ref().map(|value| format!(" {label} {}", value.value)).unwrap_or_default()
            };
            let when = query.when.as_ref().map(|when| format!(" @{}", when.phrase)).unwrap_or_default();
            format!(
                "query{price} {}{}{}{when}",
                item(&query.item),
                extra("minus", &query.minus),
                extra("check", &query.check)
            )
        }
        Intent::List(_) => "list".to_owned(),
        Intent::Undo(undo) => {
            let target = enum_word(undo.target().as_str_name(), "UNDO_TARGET_");
            let count = if undo.count > 0 { format!(" {}", undo.count) } else { String::new() };
            format!("undo {target}{count} {}", item(&undo.item))
        }
        Intent::Correct(correct) => {
            let target = enum_word(correct.target().as_str_name(), "CORRECT_TARGET_");
            format!("correct {target} {}", line(&correct.line))
        }
        Intent::Help(help) => format!("help {}", help.topic),
        Intent::Greeting(greeting) => enum_word(greeting.kind().as_str_name(), "GREETING_KIND_"),
        Intent::Unknown(unknown) => {
            let act = enum_word(unknown.act().as_str_name(), "ACT_");
            format!("unknown {act} {} {}{}", unknown.topic, unknown.shop, line(&unknown.line))
        }
        Intent::LowStock(low) => if low.out_only { "out of stock" } else { "low stock" }.to_owned(),
        Intent::Report(report) => {
            let kind = enum_word(report.kind().as_str_name(), "REPORT_KIND_");
            let why = if report.why { " why" } else { "" };
            let movements = if report.movements { " movements" } else { "" };
            format!("report {kind} {} {}{movements} {}{why}", report.period, report.format, item(&report.item))
        }
        Intent::Threshold(threshold) => {
            format!("threshold {}{}", line(&threshold.line), if threshold.off { " off" } else { "" })
        }
        Intent::Rename(rename) => {
            format!(
                "{} {} -> {}",
                enum_word(rename.mode().as_str_name(), "RENAME_MODE_"),
                item(&rename.item),
                rename.new_name
            )
        }
        Intent::CountSession(session) => {
            format!("count {} {}", enum_word(session.step().as_str_name(), "COUNT_SESSION_STEP_"), item(&session.item))
        }
        Intent::SetPrice(set) => {
            format!("price {} {}", item(&set.item), set.price.as_ref().map(price_in_words).unwrap_or_default())
        }
        Intent::ChangeMember(change) => {
            let kind = enum_word(change.change().as_str_name(), "MEMBER_CHANGE_");
            let role = match change.role() {
                pb::MemberRole::Unspecified => String::new(),
                role => format!("as {}", enum_word(role.as_str_name(), "MEMBER_ROLE_")),
            };
            format!("member {kind} {} {} {role}", change.name, change.phone_number)
        }
        Intent::Transfer(transfer) => format!("transfer {} -> {}", line(&transfer.line), transfer.to_location),
    };
    if action.clarification() != pb::Clarification::Unspecified {
        words = format!("{words} | ask {}", enum_word(action.clarification().as_str_name(), "CLARIFICATION_"));
    }
    if action.confirm {
        words += " | confirm";
    }
    for flag in action.flags() {
        words = format!("{words} | {}", enum_word(flag.as_str_name(), "FLAG_"));
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn item_in_words(item: &pb::ItemMention) -> String {
    if item.everything {
        return "*".to_owned();
    }
    let english = if item.english_name.is_empty() { String::new() } else { format!(" [{}]", item.english_name) };
    format!("{}{}{english}", item.name, item.barcode)
}

fn price_in_words(price: &pb::Price) -> String {
    let amount = price.money.as_ref().and_then(|money| money.amount.clone()).unwrap_or_default().value;
    let basis = price.basis().as_str_name().trim_start_matches("PRICE_BASIS_").to_lowercase();
    format!("R{amount} {basis}")
}

fn line_in_words(line: &pb::StockLine) -> String {
    let mut words = Vec::new();
    words.extend(line.quantity.as_ref().map(|quantity| quantity.value.clone()));
    if !line.unit.is_empty() {
        words.push(line.unit.clone());
    }
    words.extend(line.pack_size.as_ref().map(|size| format!("of {}", size.value)));
    words.extend(line.item.as_ref().map(item_in_words));
    words.extend(line.price.as_ref().map(price_in_words));
    if !line.party.is_empty() {
        words.push(format!("<{}>", line.party));
    }
    words.extend(line.when.as_ref().map(|when| format!("@{}", when.phrase)));
    words.extend(line.quantity_after.as_ref().map(|after| format!("leaves {}", after.value)));
    if line.credit {
        words.push("credit".to_owned());
    }
    if line.approximate {
        words.push("approx".to_owned());
    }
    words.join(" ")
}
