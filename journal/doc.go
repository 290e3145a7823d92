// Package journal makes unsafe calls once: bookings, payments, cancellations and
// refunds at suppliers that have no idempotency keys. It stores the intent before a
// call is sent, and stores the outcome. If the answer was lost or the process died, it
// looks the outcome up.
//
//	j := journal.New(store)
//	book := journal.Add(j, coaches.BookOperation())
//	pay := journal.Add(j, coaches.PayOperation())
//
//	hold, err := book.Do(ctx, "order 17, book", request)
//	if err != nil {
//		return err // an *Error says that nothing was booked, or that this is not known yet
//	}
//	tickets, err := pay.Do(ctx, "order 17, pay", hold)
//
// [Call.Do] with a used key sends nothing and returns the stored result. An application
// may therefore run the same code again after a crash, a double click or a retried job.
//
// An entry whose outcome is open must be looked up. [Journal.Resolve] does this for one
// entry, and [Journal.ResolveDue] for all that are due. Call ResolveDue at start and
// from a timer, or let an engine call Resolve: contrib/river runs look-ups as jobs on
// PostgreSQL and SQLite, on any instance that is alive. An engine must send calls only
// through Do. A job that pays without Do pays twice if it runs again.
//
// # Guarantees and limits
//
//	a key is sent at most once          proven: the intent is durable before the call, and nothing sends a key again
//	done                                proven: the supplier's answer or its look-up says so
//	not done                            proven by a refusal, or because nothing was sent, or by the look-up;
//	                                    presumed (Error.Presumed) if look-ups found nothing for the operation's patience
//	undecidable                         the supplier has no look-up, or all look-ups failed: a person must
//	                                    check what Entry.Reason says, and Call.Decide stores the decision
//	one result for one key              proven: claims are unique in the store
//	which of several identical results  not known, and not needed: calls of a group that are no longer running
//	                                    cannot be distinguished, and each takes one candidate
//
// The guarantees hold if all calls of an account at a supplier pass through one store.
// Otherwise a candidate may be the result of a call outside the store.
//
// One window remains, and no client can close it. A process checks its deadline and
// then writes to the connection. If it is stopped in between for longer than the
// operation's Timeout and Grace, it sends after another process has begun to look
// for the result. If look-ups have presumed that nothing was done, the late result
// corrects the entry, but only when the stopped process continues.
//
// # Operation
//
// Requests, results and errors may hold passengers' data. [WithSealer] encrypts them,
// and [Journal.Erase] removes them after a period that the application chooses. A
// month after settlement is long enough, because all look-ups have ended. Keys,
// outcomes and ids stay, so that a key is never sent again. Keys appear in logs and
// errors: do not put personal data into them.
//
// [Journal.Undecidable] lists what a person must decide. [WithObserver] reports each
// step. [Journal.Shutdown] waits for running calls before the process ends.
//
// Do writes to the store twice: before and after the call. No transaction is open
// while a call runs.
//
// An entry stays open if the program does not have its operation. Keep the operations
// of earlier versions until their entries are settled. An entry also stays open if it
// cannot be read, for example because it was sealed with a lost secret. Its error is
// [ErrCorrupt].
package journal
