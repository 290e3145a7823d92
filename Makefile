# Pinned so that everybody and CI see the same findings.
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

BIN       = bin
FUZZTIME ?= 10s
BENCH    ?= .

.PHONY: help test check lint demo bench fuzz

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

test: ## all tests
	go test ./...

check: lint ## what CI runs beside the tests: format, vet, linters, race detector
	go vet ./...
	go mod tidy -diff
	go test -race ./...

lint: $(BIN)/golangci-lint ## the linters alone
	$(BIN)/golangci-lint run ./...

$(BIN)/golangci-lint: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(GOLANGCI_LINT)
	touch $@

demo: ## search, book, pay and refund coach tickets against the embedded fake
	go run ./examples/regionbilet

bench: ## benchmarks
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

fuzz: ## every fuzz target, FUZZTIME each
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "== $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$pkg; \
		done; \
	done
