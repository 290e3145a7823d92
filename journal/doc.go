// Package journal makes unsafe calls once: bookings, payments, cancellations and refunds
// at suppliers that have no idempotency keys. It stores the intent before a call is
// sent, stores how the call ended, and finds out what became of calls whose answer was
// lost or whose process died.
//
// In this example, coaches is a client of package regionbilet, and store is a [Store]:
//
//	j := journal.New(store)
//	book := journal.Add(j, coaches.BookOperation())
//	pay := journal.Add(j, coaches.PayOperation())
//
//	hold, err := book.Do(ctx, "order 17, book", request)
//	if err != nil {
//		return err // a *journal.Error says whether nothing was booked, or that it is not known yet
//	}
//	tickets, err := pay.Do(ctx, "order 17, pay", hold)
//
// [Call.Do] with a key that was used returns the stored result and sends nothing. So an
// application may run the same code again after a crash, a double click or a retried job.
// A call that was not done needs a new key to be tried again, even if nothing was sent.
//
// If the answer to the payment is lost, the error has the outcome open and matches
// [rutravel.ErrNotConfirmed]. Look the payment up, then ask for its result:
//
//	if e, ok := errors.AsType[*journal.Error](err); ok && e.Outcome == rutravel.OutcomeOpen {
//		next, err := j.Resolve(ctx, "order 17, pay") // if next is not zero, resolve again then
//		…
//		tickets, err = pay.Result(ctx, "order 17, pay") // Do with the same key and request also returns it
//	}
//
// For each key, the store has an [Entry]. Its outcome is open until the result of the
// call is known. An open entry must be looked up. [Journal.Resolve] does this for one
// entry, and [Journal.ResolveDue] for all that are due. Call ResolveDue at start and
// from a timer, or let a job engine call Resolve. contrib/river does this: it runs
// look-ups as jobs on PostgreSQL and SQLite, on any instance that is alive. A job must
// send a call only through Do. A job that pays without Do and is run again pays twice.
//
// # Guarantees and limits
//
//	a key is sent at most once          proven: the intent is durable before the call, and nothing sends a key again
//	done                                proven: the supplier's answer or its look-up says so
//	not done                            proven by a refusal, or because nothing was sent, or by the look-up;
//	                                    presumed (Error.Presumed) if all look-ups during Operation.Patience found nothing
//	undecidable                         the supplier has no look-up, or the look-ups decided nothing until the last one:
//	                                    a person must check what Entry.Reason says, and Call.Decide stores the decision
//	one result for one key              proven: the store accepts the id of a result (Entry.Claim) for one key only
//	which key has which result          not known if several calls are alike (Operation.Group) and their answers are
//	                                    lost: each key gets one of the results that look-ups find (candidates)
//
// The guarantees hold if all calls of an account at a supplier pass through one store.
// Otherwise candidates can be the result of somebody else's call.
// Two accounts at one supplier need a store each: a look-up with the other account's
// client finds nothing and presumes that nothing was done.
//
// One case remains that no client can prevent. A process checks its deadline and then
// writes to the connection. If the process is paused between these two steps for longer
// than the operation's Timeout and Grace, it sends the call late. Another process has
// then begun to look for the result, and may presume that nothing was done. When the
// paused process continues and gets the result, it corrects the entry. Nothing else
// corrects it.
//
// # Operation
//
// Requests, results and errors may hold passengers' data. [WithSealer] encrypts them.
// [Journal.Erase] removes them from entries that have been settled (done or not done)
// for a period that the application chooses. A month is enough, because no call is
// looked up for that long. Keys, outcomes and ids stay, so that a key is never sent
// again. Keys appear in logs and errors: do not put personal data into them.
//
// [Journal.Undecidable] lists what a person must decide. [WithObserver] sees each step.
// Call [Journal.Shutdown] before the process ends: it waits for running calls.
//
// Do writes to the store twice: before and after the call. No transaction is open
// while a call runs.
//
// If the program no longer adds an operation, its open entries stay open. Keep the
// operations of earlier versions until their entries are settled. An entry that cannot
// be read, for example because it was sealed with a lost secret, stays open as well; its
// error is [ErrCorrupt].
package journal
