// Package shoptest posts orders to departments of the shop.
package shoptest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Post sends an order to a department and checks the status of the answer. If it is
// 200, Post decodes the answer into sold.
func Post(t *testing.T, department http.Handler, order any, status int, sold any) {
	t.Helper()
	body, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	department.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body)))
	if answer.Code != status {
		t.Fatalf("status %d, want %d: %s", answer.Code, status, answer.Body)
	}
	if status != http.StatusOK {
		return
	}
	if err := json.Unmarshal(answer.Body.Bytes(), sold); err != nil {
		t.Fatal(err)
	}
}
