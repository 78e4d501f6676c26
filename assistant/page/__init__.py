"""The page: shows what the assistant answers, and decides nothing itself."""
