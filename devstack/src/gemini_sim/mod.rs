//! Gemini, simulated.
