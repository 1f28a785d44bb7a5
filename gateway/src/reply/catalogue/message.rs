//! Every message there is, with its arguments. A name or an argument that is missing does not compile.

use fluent_bundle::{FluentArgs, FluentValue};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::reply::limit::cut;

/// A number that decides between singular and plural. Shown numbers are text, written by [`crate::reply::number`].
#[derive(Clone, Copy, Debug)]
pub(in crate::reply) struct Count(f64);

impl Count {
    /// Counts things.
    pub fn of(count: usize) -> Self {
        Self(u32::try_from(count).map_or(f64::from(u32::MAX), f64::from))
    }

    /// Tells one from many of an amount; exact enough for that, and never shown.
    pub fn amount(amount: Decimal) -> Self {
        Self(amount.abs().normalize().to_f64().unwrap_or(0.0))
    }
}

/// What somebody or something is called. Cut when it is so long that the rest of the sentence would suffer.
#[derive(Clone, Copy, Debug)]
pub(in crate::reply) struct Name<'a>(pub &'a str);

/// UTF-16 units of a name in a sentence.
const NAME_MAX: usize = 100;

/// What a message takes: text that is put in as it is, or a count.
trait Argument<'a> {
    fn value(self) -> FluentValue<'a>;
}

impl<'a> Argument<'a> for &'a str {
    fn value(self) -> FluentValue<'a> {
        FluentValue::from(self)
    }
}

impl<'a> Argument<'a> for Name<'a> {
    fn value(self) -> FluentValue<'a> {
        FluentValue::from(cut(self.0, NAME_MAX))
    }
}

impl<'a> Argument<'a> for Count {
    fn value(self) -> FluentValue<'a> {
        FluentValue::from(self.0)
    }
}

/// An argument as the tests make one up.
#[cfg(test)]
pub(super) trait Sample<'a> {
    fn sample(text: &'a str, count: usize) -> Self;
}

#[cfg(test)]
impl<'a> Sample<'a> for &'a str {
    fn sample(text: &'a str, _: usize) -> Self {
        text
    }
}

#[cfg(test)]
impl<'a> Sample<'a> for Name<'a> {
    fn sample(text: &'a str, _: usize) -> Self {
        Self(text)
    }
}

#[cfg(test)]
impl Sample<'_> for Count {
    fn sample(_: &str, count: usize) -> Self {
        Self::of(count)
    }
}

fn gathered<'a, const COUNT: usize>(arguments: [(&'static str, FluentValue<'a>); COUNT]) -> Option<FluentArgs<'a>> {
    (COUNT > 0).then(|| arguments.into_iter().collect())
}

macro_rules! messages {
    ($text:lifetime $( $name:ident = $id:literal $( { $( $argument:ident: $kind:ty ),+ } )? ),+ $(,)?) => {
        /// A sentence or a word of the catalogue, with what is put into it.
        #[derive(Clone, Copy, Debug)]
        pub(in crate::reply) enum Message<$text> {
            $( #[doc = concat!("`", $id, "`")] $name $( { $( $argument: $kind ),+ } )?, )+
        }

        impl<$text> Message<$text> {
            /// Its name in the files.
            pub(super) fn id(&self) -> &'static str {
                match self {
                    $( Self::$name $( { $( $argument: _ ),+ } )? => $id, )+
                }
            }

            /// What is put into it, by the names in the files.
            pub(super) fn arguments(self) -> Option<FluentArgs<$text>> {
                match self {
                    $( Self::$name $( { $( $argument ),+ } )? => {
                        gathered([$( $( (stringify!($argument), Argument::value($argument)) ),+ )?])
                    } )+
                }
            }
        }

        /// Every message, with an argument made up for each, and the names of its arguments.
        #[cfg(test)]
        pub(super) fn samples<$text>(text: &$text str, count: usize) -> Vec<(Message<$text>, &'static [&'static str])> {
            vec![
                $( (
                    Message::$name $( { $( $argument: <$kind>::sample(text, count) ),+ } )?,
                    &[$( $( stringify!($argument) ),+ )?],
                ), )+
            ]
        }
    };
}

messages! { 'a
    // stock.ftl
    Added = "added" { what: &'a str },
    AddedPacks = "added-packs" { what: &'a str },
    TookBack = "took-back" { what: &'a str },
    Sold = "sold" { what: &'a str },
    TookOff = "took-off" { what: &'a str },
    TookOffBecause = "took-off-because" { what: &'a str, reason: &'a str },
    ReasonWaste = "reason-waste",
    ReasonOwnUse = "reason-own-use",
    ReasonTheft = "reason-theft",
    ReasonGift = "reason-gift",
    ReasonReturn = "reason-return",
    Counted = "counted" { what: &'a str, expected: &'a str, difference: &'a str },
    CountedNew = "counted-new" { what: &'a str },
    Now = "now" { balance: &'a str },
    Left = "left" { balance: &'a str },
    Absorbed = "absorbed" { balance: &'a str },
    NewItem = "new-item",
    Saved = "saved" { count: Count, amount: &'a str, lines: &'a str },
    BelowZero = "below-zero" { balance: &'a str, item: Name<'a> },
    Undone = "undone" { what: &'a str, balance: &'a str },
    UndoneBefore = "undone-before",
    NothingToUndo = "nothing-to-undo",
    NotYoursToUndo = "not-yours-to-undo",
    MayOnlyLook = "may-only-look",
    NotEnough = "not-enough",
    NoSuchItem = "no-such-item" { item: Name<'a>, amount: &'a str },
    WholePieces = "whole-pieces" { item: Name<'a> },
    OnHand = "on-hand" { lines: &'a str },
    OnHandMore = "on-hand-more",
    NotInStock = "not-in-stock" { item: Name<'a> },
    NothingInStock = "nothing-in-stock",
    Fixed = "fixed" { before: &'a str, after: &'a str },
    NothingToCorrect = "nothing-to-correct",
    FixedBefore = "fixed-before",
    CannotRedate = "cannot-redate",
    SaysSoAlready = "says-so-already",
    NothingToUndoOf = "nothing-to-undo-of" { item: Name<'a> },
    Redone = "redone" { what: &'a str, balance: &'a str },
    NothingToRedo = "nothing-to-redo",
    Unit = "unit" { unit: &'a str, count: Count, other: &'a str },
    // items.ftl
    Low = "low" { count: Count, amount: &'a str, lines: &'a str },
    Finished = "finished" { count: Count, amount: &'a str, lines: &'a str },
    LowLine = "low-line" { item: Name<'a>, balance: &'a str, level: &'a str },
    NothingLow = "nothing-low",
    NothingFinished = "nothing-finished",
    LowNow = "low-now" { item: Name<'a>, balance: &'a str, level: &'a str },
    LevelSet = "level-set" { item: Name<'a>, level: &'a str },
    LevelOff = "level-off" { item: Name<'a> },
    WhichLevel = "which-level" { item: Name<'a> },
    Renamed = "renamed" { was: Name<'a>, item: Name<'a> },
    Aliased = "aliased" { alias: Name<'a>, item: Name<'a> },
    NameTaken = "name-taken" { item: Name<'a> },
    ReallyArchive = "really-archive" { item: Name<'a>, balance: &'a str },
    Archived = "archived" { item: Name<'a> },
    ReallyMerge = "really-merge" { was: Name<'a>, item: Name<'a>, balance: &'a str },
    Merged = "merged" { was: Name<'a>, item: Name<'a> },
    SameItem = "same-item" { item: Name<'a> },
    UnitsDiffer = "units-differ" { was: Name<'a>, item: Name<'a> },
    ManagersOnly = "managers-only",
    History = "history" { item: Name<'a>, balance: &'a str, lines: &'a str },
    HistoryNone = "history-none",
    HistoryOlder = "history-older",
    KindReceipt = "kind-receipt",
    KindSale = "kind-sale",
    KindReturnIn = "kind-return-in",
    KindOpening = "kind-opening",
    KindCount = "kind-count",
    KindTransfer = "kind-transfer",
    KindReversal = "kind-reversal",
    KindAdjustment = "kind-adjustment",
    // ask.ftl
    ButtonCameIn = "button-came-in",
    ButtonSold = "button-sold",
    ButtonCounted = "button-counted",
    ButtonYes = "button-yes",
    ButtonNo = "button-no",
    ButtonSaveAll = "button-save-all",
    ButtonFix = "button-fix",
    ButtonCancel = "button-cancel",
    ButtonChoose = "button-choose",
    ButtonUndo = "button-undo",
    Or = "or",
    WhichDirection = "which-direction" { lines: &'a str },
    WhichItem = "which-item",
    WhichItemOf = "which-item-of" { amount: &'a str },
    WhichOf = "which-of" { said: Name<'a>, items: &'a str },
    HowMany = "how-many",
    HowManyOf = "how-many-of" { item: Name<'a> },
    WhichNumber = "which-number" { item: Name<'a>, numbers: &'a str },
    Really = "really" { lines: &'a str },
    ReallyForwarded = "really-forwarded",
    ReallyForwardedLines = "really-forwarded-lines" { lines: &'a str },
    ReallyUndo = "really-undo",
    DoAdd = "do-add" { what: &'a str },
    DoTakeOff = "do-take-off" { what: &'a str },
    DoTakeOffAll = "do-take-off-all" { what: &'a str },
    DoSet = "do-set" { what: &'a str },
    DoEmpty = "do-empty",
    HowToCorrect = "how-to-correct",
    UndoWhich = "undo-which",
    Dropped = "dropped",
    AlreadyAnswered = "already-answered",
    QuestionGone = "question-gone",
    WhichLine = "which-line" { lines: &'a str },
    ReallyUndoMany = "really-undo-many" { amount: &'a str },
    ReallyUndoThese = "really-undo-these" { lines: &'a str },
    ReallyUndoOld = "really-undo-old" { lines: &'a str },
    WhichDay = "which-day" { lines: &'a str },
    ButtonToday = "button-today",
    ButtonYesterday = "button-yesterday",
    HowManyIn = "how-many-in" { item: Name<'a>, unit: &'a str },
    EachOrAll = "each-or-all" { price: &'a str, item: Name<'a> },
    ButtonEach = "button-each",
    ButtonForAll = "button-for-all",
    ReallySoMuch = "really-so-much" { what: &'a str, usual: &'a str },
    ReallySoMuchElse = "really-so-much-else" { what: &'a str, usual: &'a str },
    QuestionReplaced = "question-replaced",
    StillOpen = "still-open" { question: &'a str },
    // count.ftl
    CountStarted = "count-started",
    CountResumed = "count-resumed" { amount: &'a str },
    CountWritten = "count-written" { lines: &'a str, amount: &'a str },
    CountAllRight = "count-all-right" { amount: &'a str },
    CountDiffers = "count-differs" { amount: &'a str, differing: &'a str },
    CountDifference = "count-difference" { item: Name<'a>, counted: &'a str, expected: &'a str, difference: &'a str },
    CountMore = "count-more" { amount: &'a str },
    CountUncounted = "count-uncounted" { items: &'a str },
    CountReallySave = "count-really-save",
    ButtonSaveCount = "button-save-count",
    ButtonGoOn = "button-go-on",
    ButtonThrowAway = "button-throw-away",
    CountSaved = "count-saved" { amount: &'a str, changed: &'a str },
    CountReallyCancel = "count-really-cancel",
    CountCancelled = "count-cancelled",
    CountGoOn = "count-go-on",
    CountNothingYet = "count-nothing-yet",
    CountMissing = "count-missing" { amount: &'a str, items: &'a str },
    CountNoneMissing = "count-none-missing",
    CountNone = "count-none",
    CountSkip = "count-skip",
    CountBlind = "count-blind",
    CountSendAgain = "count-send-again",
    CountExpired = "count-expired",
    CountOver = "count-over",
    CountFull = "count-full",
    // talk.ftl
    Help = "help",
    Hello = "hello",
    Welcome = "welcome",
    NotUnderstood = "not-understood",
    PlainWordsOnly = "plain-words-only",
    SetOrAdd = "set-or-add" { lines: &'a str },
    NothingChanged = "nothing-changed",
    OutOfScope = "out-of-scope",
    NotYet = "not-yet",
    Stranger = "stranger",
    TooLong = "too-long",
    CannotRead = "cannot-read",
    NoVideo = "no-video",
    NoLocation = "no-location",
    NoOrders = "no-orders",
    FileLost = "file-lost",
    Failed = "failed" { reference: &'a str },
    FailedInDoubt = "failed-in-doubt" { reference: &'a str },
    StandsChanged = "stands-changed",
    StandsDeleted = "stands-deleted",
    StandsChangedOrDeleted = "stands-changed-or-deleted",
    StandsUnclear = "stands-unclear",
    StillCounts = "still-counts" { lines: &'a str },
    LastSaved = "last-saved" { lines: &'a str },
    ACount = "a-count",
    StandsNoMore = "stands-no-more",
    ChangedForNothing = "changed-for-nothing",
    // people.ftl
    ReallyAdd = "really-add" { person: Name<'a> },
    ReallyAddAs = "really-add-as" { person: Name<'a>, role: &'a str },
    Members = "members" { count: Count, amount: &'a str, lines: &'a str },
    NotWrittenYet = "not-written-yet",
    RoleOwner = "role-owner",
    RoleManager = "role-manager",
    RoleClerk = "role-clerk",
    RoleViewer = "role-viewer",
    WhichPhone = "which-phone" { person: Name<'a> },
    ReallyRemove = "really-remove" { person: Name<'a> },
    ReallyChange = "really-change" { person: Name<'a>, role: &'a str },
    PersonRemoved = "person-removed" { person: Name<'a> },
    PersonChanged = "person-changed" { person: Name<'a>, role: &'a str },
    NoSuchPerson = "no-such-person" { person: Name<'a> },
    NoSuchNumber = "no-such-number",
    WhoThereIs = "who-there-is" { people: &'a str },
    OwnersOnly = "owners-only",
    LastOwner = "last-owner",
    ThisPerson = "this-person",
    PersonAdded = "person-added" { person: Name<'a> },
    PersonAddedBefore = "person-added-before" { person: Name<'a> },
    PersonElsewhere = "person-elsewhere" { person: Name<'a> },
    PersonWithoutNumber = "person-without-number" { person: Name<'a> },
    MayNotAdd = "may-not-add",
    OneAtATime = "one-at-a-time",
    NumberNoted = "number-noted",
    NumberTaken = "number-taken",
    // reports.ftl
    ReportNothing = "report-nothing" { days: &'a str },
    NothingSold = "nothing-sold",
    NoneSold = "none-sold" { item: Name<'a> },
    AskHistory = "ask-history" { item: Name<'a> },
    FirstStock = "first-stock",
    WasLost = "was-lost",
    WentBack = "went-back",
    CountsFound = "counts-found",
    ReportBest = "report-best" { items: &'a str },
    ReportLow = "report-low" { items: &'a str },
    ReportMargin = "report-margin" { count: Count, amount: &'a str, money: &'a str },
    WithoutPrice = "without-price" { count: Count, amount: &'a str },
    NoPrices = "no-prices",
    Revenue = "revenue" { days: &'a str, money: &'a str },
    RevenueUnknown = "revenue-unknown" { days: &'a str },
    Profit = "profit" { days: &'a str, money: &'a str },
    ProfitUnknown = "profit-unknown" { days: &'a str },
    NotInProfit = "not-in-profit" { count: Count, amount: &'a str },
    Worth = "worth" { money: &'a str },
    WorthUnknown = "worth-unknown",
    NotInWorth = "not-in-worth" { count: Count, amount: &'a str },
    ThisWeek = "this-week",
    ThisMonth = "this-month",
    WhichDays = "which-days",
    LastCounted = "last-counted" { who: &'a str, amount: &'a str },
    NeverCounted = "never-counted",
    ReportOlder = "report-older" { amount: &'a str },
    BelowSince = "below-since" { when: &'a str },
    WriteDown = "write-down" { item: Name<'a> },
    StockFile = "stock-file",
    MovementsFile = "movements-file" { days: &'a str },
    FewerDays = "fewer-days",
    DayFileTooLarge = "day-file-too-large",
    StockFileTooLarge = "stock-file-too-large",
    // files.ftl
    NoVoice = "no-voice",
    NoPhoto = "no-photo",
    NoDocument = "no-document",
    VoiceBusy = "voice-busy",
    FileBusy = "file-busy",
    VoiceUnclear = "voice-unclear",
    FileUnclear = "file-unclear",
    VoiceEmpty = "voice-empty",
    PhotoEmpty = "photo-empty",
    DocumentEmpty = "document-empty",
    FileGone = "file-gone",
    FileTooLarge = "file-too-large" { mebibytes: &'a str },
    FileUnknown = "file-unknown",
    TooManyLines = "too-many-lines",
    HowToFix = "how-to-fix",
    NoSuchLine = "no-such-line" { count: Count, amount: &'a str },
    NoLineLeft = "no-line-left",
    AnswerInWords = "answer-in-words",
    NotSavedYet = "not-saved-yet",
    PaperBooked = "paper-booked" { number: &'a str, reference: &'a str },
    PaperBookedOn = "paper-booked-on" { number: &'a str, reference: &'a str, day: &'a str, month: &'a str },
    Month = "month" { count: Count },
    LineCount = "line-count" { count: Count, amount: &'a str },
    CouldNotRead = "could-not-read" { count: Count, amount: &'a str },
    Mismatch = "mismatch" { sum: &'a str, total: &'a str },
    CameIn = "came-in",
    WasSold = "was-sold",
    CameBack = "came-back",
    TakenOff = "taken-off",
    WasCounted = "was-counted",
    AllOfIt = "all-of-it",
    LineMissing = "line-missing",
    LineUnit = "line-unit",
    LineFraction = "line-fraction",
}
