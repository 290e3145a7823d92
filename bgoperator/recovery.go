package bgoperator

import "time"

// CancelPatience is how long to keep asking [Client.QuoteCancel] after a
// cancellation whose answer was lost. A booking that can still be quoted after it
// was not cancelled. The manual names no time; this one is chosen. For a lost
// booking there is nothing to ask.
const CancelPatience = 10 * time.Minute
