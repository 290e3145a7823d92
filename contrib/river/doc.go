// Package rutravelriver stores a journal of unsafe calls in PostgreSQL or SQLite, and
// runs its look-ups as jobs of River (riverqueue.com), on any instance that is alive.
//
// [NewPostgres] and [NewSQLite] return a [Store] for journal.New. [Store.Migrate] makes
// the tables when the application is deployed. [Store.Configure] adds the look-ups to
// the configuration of the application's River client.
//
// River never sends a call. An application may call Do of a journal from its own River
// jobs: if such a job runs again, it sends nothing again. A job that pays without Do
// pays twice if it runs again.
//
// # Guarantees and limits
//
//	an entry and the job of its next   stored in one transaction, before the call is sent and
//	look-up                            after it has ended; no transaction is open meanwhile
//	an outcome and what Settled        stored in one transaction
//	writes
//	a process dies                     another one makes the look-up; if the process died during a
//	                                   look-up, after LookUpTimeout
//	a look-up, the database or         the job waits and runs again; it is never discarded, and
//	Settled fails                      the failure is logged
//	a job is lost, for example         a periodic job inserts a new one within a minute
//	deleted in River UI
//	River runs a job too early or      nothing happens: an entry says when it is due, and each
//	twice                              version of it has one job
//	a job's arguments                  the key and a number; River UI shows them
//
// A look-up runs up to five seconds after it is due, because River's leader looks for
// such jobs every five seconds. If the leader dies, another instance becomes the leader
// within about 15 seconds, and no look-up becomes due until then.
//
// Do not call Do in a transaction that holds what Settled writes: Do would wait for
// itself.
package rutravelriver
