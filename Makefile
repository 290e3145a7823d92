# Pinned so that everybody and CI see the same findings.
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
APIDIFF       = golang.org/x/exp/cmd/apidiff@v0.0.0-20260112195511-716be5621a96
GOVULNCHECK   = golang.org/x/vuln/cmd/govulncheck@v1.8.0

GOVULNDB ?= https://vuln.go.dev

BIN       = bin
FUZZTIME ?= 10s
SOAK     ?=
WRITE    ?=
PROTO     = ticketscloud/tcsimple/internal/simple/simple

# The module and those nested in it, of tests, tools and examples.
MODULES = . $(patsubst ./%/go.mod,%,$(sort $(shell find . -mindepth 2 -name go.mod)))
each    = @set -e; for module in $(MODULES); do (set -x; cd $$module; $(1)); done

.PHONY: help test check lint vuln api consumer demo bench fuzz soak generate generated

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

test: ## all tests of the library
	go test ./...

check: lint ## what CI runs beside the tests: vet, linters, the race detector, and all of it for the nested modules
	$(call each,go vet ./...)
	$(call each,go mod tidy -diff)
	$(call each,go test -race ./...)

lint: $(BIN)/golangci-lint ## the linters alone
	$(call each,$(CURDIR)/$(BIN)/golangci-lint run ./...)

consumer: ## what a user gets: the packed module, got, tested and measured by a module of its own; WRITE=-w writes its table
	cd tools/pack && go run . $(WRITE)

$(BIN)/golangci-lint: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(GOLANGCI_LINT)
	touch $@

generate: OUT = $(PROTO).pb.go
generate: ## the messages of Ticketscloud's gRPC catalogue
	cd tools/generate && go build -o $(CURDIR)/$(BIN)/ . google.golang.org/protobuf/cmd/protoc-gen-go
	$(BIN)/generate $(BIN)/protoc-gen-go $(PROTO).proto > $(BIN)/generated
	mv $(BIN)/generated $(OUT)

generated: ## fails when what make generate writes is not what is committed
	@$(MAKE) --no-print-directory generate OUT=$(BIN)/simple.pb
	diff -u $(PROTO).pb.go $(BIN)/simple.pb

vuln: ## known vulnerabilities, if their database can be reached
	@if curl -sSfL -m 15 -o /dev/null $(GOVULNDB)/index/db.json; then \
		$(MAKE) --no-print-directory $(BIN)/govulncheck && $(MAKE) --no-print-directory vulnerabilities; \
	else \
		echo "!!! NOT CHECKED FOR KNOWN VULNERABILITIES: $(GOVULNDB) cannot be reached !!!" >&2; \
	fi

.PHONY: vulnerabilities
vulnerabilities:
	$(call each,$(CURDIR)/$(BIN)/govulncheck -db $(GOVULNDB) -test ./...)

$(BIN)/govulncheck: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(GOVULNCHECK)
	touch $@

api: $(BIN)/apidiff ## what has changed for users since the last tag; from v1 on, it fails if that breaks their code
	@tag=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null) || { echo "no tag yet to compare the API with"; exit 0; }; \
	rm -rf $(BIN)/api && git worktree prune && git worktree add -q --detach $(BIN)/api $$tag && \
	(cd $(BIN)/api && $(CURDIR)/$(BIN)/apidiff -m -w ../api.export .) && git worktree remove --force $(BIN)/api && \
	changes=$$($(BIN)/apidiff -m -incompatible $(BIN)/api.export . | grep -v '/internal/' || true) && \
	echo "since $$tag:" && echo "$${changes:-nothing that breaks}" && case $$tag in v0.*) ;; *) test -z "$$changes" ;; esac

$(BIN)/apidiff: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(APIDIFF)
	touch $@

demo: ## search, book, pay and refund coach tickets against the embedded fake
	go run ./examples/regionbilet

bench: ## the library beside what one would use in its place: a table of ratios, into tools/bench
	cd tools/bench && go run .

soak: ## two minutes of 300 callers at all fakes over a bad line; SOAK='-seed 1 -for 30s' are its flags
	go run ./tools/soak $(SOAK)

fuzz: ## every package's fuzz target, FUZZTIME each: two minutes in all
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		echo "== $$dir"; \
		go test -run '^$$' -fuzz '^Fuzz' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$dir; \
	done
