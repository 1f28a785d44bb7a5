//! Why stock changes, and in which direction.

/// A reason a caller may give. What the ledger gives itself (count, transfer, reversal) is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MovementKind {
    Receipt,
    Sale,
    Waste,
    OwnUse,
    Theft,
    Gift,
    ReturnIn,
    ReturnOut,
    Adjustment,
    Opening,
}

/// Where stock goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    In,
    Out,
    /// The quantity's sign says it.
    Signed,
}

impl MovementKind {
    /// Returns the name in the ledger.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Sale => "sale",
            Self::Waste => "waste",
            Self::OwnUse => "own_use",
            Self::Theft => "theft",
            Self::Gift => "gift",
            Self::ReturnIn => "return_in",
            Self::ReturnOut => "return_out",
            Self::Adjustment => "adjustment",
            Self::Opening => "opening",
        }
    }

    /// Reads the name in the ledger; `None` for what the ledger gives itself.
    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        [
            Self::Receipt,
            Self::Sale,
            Self::Waste,
            Self::OwnUse,
            Self::Theft,
            Self::Gift,
            Self::ReturnIn,
            Self::ReturnOut,
            Self::Adjustment,
            Self::Opening,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }

    /// Returns where stock goes.
    pub(crate) fn direction(self) -> Direction {
        match self {
            Self::Receipt | Self::ReturnIn | Self::Opening => Direction::In,
            Self::Sale | Self::Waste | Self::OwnUse | Self::Theft | Self::Gift | Self::ReturnOut => Direction::Out,
            Self::Adjustment => Direction::Signed,
        }
    }
}
