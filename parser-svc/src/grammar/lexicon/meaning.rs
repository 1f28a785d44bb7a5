//! What a whole turn of the conversation can mean.

use serde::Deserialize;

use crate::grammar::template::Template;

/// A turn of the conversation and the words for it.
pub struct Turn {
    /// What it means.
    pub meaning: Meaning,
    /// The words.
    pub template: Template,
}

/// What a turn means. The names are those of the data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    List,
    LowStock,
    OutOfStock,
    Query,
    QueryPrice,
    QueryAfter,
    QueryCheck,
    QueryIt,
    Undo,
    UndoMaybe,
    UndoCount,
    UndoItem,
    UndoLine,
    Redo,
    Help,
    HelpCounting,
    HelpHuman,
    CallHuman,
    Hello,
    Thanks,
    Nothing,
    Yes,
    No,
    Cancel,
    ReportSummary,
    ReportSales,
    ReportRevenue,
    ReportProfit,
    ReportTop,
    ReportHistory,
    ReportValue,
    Export,
    Threshold,
    ThresholdOff,
    Rename,
    Alias,
    Merge,
    Archive,
    CountStart,
    CountClose,
    CountSkip,
    SetPrice,
    Set,
    SetZero,
    SetLeft,
    SetAllZero,
    SoldAll,
    GoneAll,
    PartGone,
    MemberAdd,
    MemberRemove,
    SwitchShop,
    Order,
    Reserve,
    Unsupported,
    Attachment,
    ZeroOrCancel,
    MoreOf,
    OwesFor,
    CorrectQuantity,
    CorrectItem,
    CorrectUnit,
    CorrectWhen,
    CorrectPrice,
    CorrectLine,
    CorrectNamed,
    WrongItem,
    SameAgain,
    Transfer,
    PackSize,
}
