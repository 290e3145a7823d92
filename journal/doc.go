// Package journal makes unsafe calls once: bookings, payments, cancellations and
// refunds at suppliers that have no idempotency keys. It stores the intent before a
// call is sent, stores how the call ended, and finds out what became of calls whose
// answer was lost or whose process died.
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
// An entry whose outcome is open must be looked up. [Journal.Resolve] does this for one
// entry, and [Journal.ResolveDue] for all that are due. Call ResolveDue at start and
// from a timer, or let an engine call Resolve: contrib/river runs look-ups as jobs on
// PostgreSQL and SQLite, on whichever instance is alive. An engine must never send a
// call except through Do: a job that pays and is run again pays twice.
//
// # Guarantees and limits
//
//	a key is sent at most once          proven: the intent is durable before the call, and nothing sends a key again
//	done                                proven: the supplier's answer or its look-up says so
//	not done                            proven by a refusal, or because nothing was sent, or by the look-up;
//	                                    presumed (Error.Presumed) if look-ups found nothing for the operation's patience
//	undecidable                         the supplier has no look-up, or look-ups failed to the end: a person must
//	                                    check what Entry.Reason says, and Call.Decide stores the decision
//	one result for one key              proven: claims are unique in the store
//	which of several identical results  not known, and not needed: calls of a group that are no longer running
//	                                    cannot be distinguished, and each takes one candidate
//
// The guarantees hold if all calls of an account at a supplier pass through one store.
// Otherwise candidates can be the result of somebody else's call.
// Two accounts at one supplier need a store each: a look-up with the other account's
// client finds nothing and presumes that nothing was done.
//
// A window remains that no client can close. A process checks its deadline and then
// writes to the connection. If it is stopped between the two for longer than the
// operation's Timeout and Grace, it sends after another process has begun to look
// for the result. If look-ups presumed that nothing was done, the late result
// corrects the entry when the process goes on, and only then.
//
// # Operation
//
// Requests, results and errors may hold passengers' data. [WithSealer] encrypts them,
// and [Journal.Erase] removes them after a period that the application chooses; a month
// after settlement is longer than any look-up goes on. Keys, outcomes and ids stay, so
// that a key is never sent again. Keys appear in logs and errors: do not put personal
// data into them.
//
// [Journal.Undecidable] lists what a person must decide. [WithObserver] sees each step.
// [Journal.Shutdown] lets calls end before a process does.
//
// Do writes to the store twice: before and after the call. No transaction is open
// while a call runs.
//
// An entry of an operation that this program does not have stays open. Keep the
// operations of earlier versions until their entries are settled. An entry that cannot be
// read, for example because it was sealed with a lost secret, stays open as well; its
// error is [ErrCorrupt].
package journal
