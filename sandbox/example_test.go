package sandbox_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/rutravel/rutravel-go/sandbox"
)

// A test run has its own suppliers. The next payment succeeds, but its answer is
// lost.
func Example() {
	start := func() error {
		box, err := sandbox.New(sandbox.Config{})
		if err != nil {
			return err
		}
		server := httptest.NewServer(box)
		defer server.Close()
		run, err := box.Run("my-test")
		if err != nil {
			return err
		}
		_, err = run.Inject(sandbox.Fault{Supplier: sandbox.Regionbilet, Op: "pay", Drop: true, Processed: true})
		if err != nil {
			return err
		}
		// The program under test reaches the supplier at server.URL + "/run/my-test/regionbilet".
		for _, fault := range run.Faults() {
			fmt.Println(fault.Supplier, fault.Op)
		}
		return nil
	}
	if err := start(); err != nil {
		fmt.Println(err)
	}
	// Output: regionbilet pay
}
