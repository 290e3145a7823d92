# These versions are pinned, so that everybody and CI see the same findings.
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
APIDIFF       = golang.org/x/exp/cmd/apidiff@v0.0.0-20260112195511-716be5621a96
GOVULNCHECK   = golang.org/x/vuln/cmd/govulncheck@v1.8.0
ACTIONLINT    = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

# The two supported Go releases. The go command downloads the one that is not installed.
OLDEST = go1.26.8
NEWEST = go1.27.3

# The library is built and vetted for these systems. It is tested on the system that runs make.
SYSTEMS = windows/amd64 darwin/arm64 linux/arm linux/386

GOVULNDB ?= https://vuln.go.dev

BIN       = bin
FUZZTIME ?= 10s
SOAK     ?=
LOAD     ?=
KILL     ?=
WRITE    ?=
PROTO     = ticketscloud/tcsimple/internal/simple/simple

# The module and those nested in it.
MODULES = . $(patsubst ./%/go.mod,%,$(sort $(shell find . -mindepth 2 -name go.mod)))
each    = @set -e; for module in $(MODULES); do (set -x; cd $$module; $(1)); done

.PHONY: help test nested adapters sandbox-test backend-test check oldest newest race vet tidy lint workflows cross examples vuln api release-check \
	consumer demo sandbox sandbox-load sandbox-load-race screenshots bench fuzz kill soak soak-race generate generated

help: ## prints this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

test: ## runs all tests of the main module with the installed Go
	go test ./...

check: vet tidy lint workflows cross oldest newest race ## runs vet, tidy, lint, workflows, cross, oldest, newest and race; a change must pass it

oldest: export GOTOOLCHAIN = $(OLDEST)
oldest: ## runs all tests with the oldest supported Go release
	@$(MAKE) --no-print-directory test nested

newest: export GOTOOLCHAIN = $(NEWEST)
newest: ## runs all tests with the newest supported Go release
	@$(MAKE) --no-print-directory test nested

# Modules whose tests start other programs. They run once, with the installed Go.
ADAPTERS = $(filter contrib/%,$(MODULES))
SHOWS    = $(filter sandbox/browsertest examples/backend,$(MODULES))

nested: MODULES := $(filter-out . $(ADAPTERS) $(SHOWS),$(MODULES))
nested: ## runs the tests of the nested modules that need no other programs
	$(call each,go test ./...)

race: MODULES := $(filter-out tools/% $(ADAPTERS) $(SHOWS),$(MODULES))
race: ## runs all tests with the race detector, without the modules in tools; needs a C compiler
	$(call each,go test -race ./...)

adapters: MODULES := $(ADAPTERS)
adapters: ## runs the tests of the modules in contrib with the race detector; needs PostgreSQL, Redis and Prometheus
	$(call each,go test -race ./...)

sandbox-test: ## runs the sandbox with a browser, the example programs and clients in other languages; needs Chromium
	cd sandbox/browsertest && go test ./...

backend-test: ## runs the backend of examples/backend in a browser, and kills its instances; needs Chromium and PostgreSQL
	cd examples/backend && go test ./...

vet: ## runs go vet
	$(call each,go vet ./...)

tidy: ## fails if go mod tidy would change a go.mod or go.sum
	$(call each,go mod tidy -diff)

lint: $(BIN)/golangci-lint ## runs the linters
	$(call each,$(CURDIR)/$(BIN)/golangci-lint run ./...)

workflows: ## checks the GitHub workflows with actionlint
	go run $(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml

cross: ## builds and vets the library for other systems; runs its tests for 32 bits if this machine can
	@set -e; for system in $(SYSTEMS); do \
		(export GOOS=$${system%/*} GOARCH=$${system#*/}; set -x; go build ./... && go vet ./...); \
	done
	@export GOOS=linux GOARCH=386; if go test -run '^$$' . >/dev/null 2>&1; then \
		set -x; go test ./...; \
	else \
		echo "!!! NOT TESTED FOR 32 BITS: this machine cannot run programs for linux/386 !!!" >&2; \
	fi

examples: ## runs every example program against its fake
	@set -e; for program in $(filter-out examples/backend,$(patsubst %/,%,$(wildcard examples/*/))); do \
		(set -x; go run ./$$program); \
	done

consumer: ## packs the library, gets it in a user's module, and tests and measures that; WRITE=-w writes the table
	cd tools/pack && go run . $(WRITE)

$(BIN)/golangci-lint: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(GOLANGCI_LINT)
	touch $@

generate: OUT = $(PROTO).pb.go
generate: ## writes the messages of Ticketscloud's gRPC catalogue
	cd tools/generate && go build -o $(CURDIR)/$(BIN)/ . google.golang.org/protobuf/cmd/protoc-gen-go
	$(BIN)/generate $(BIN)/protoc-gen-go $(PROTO).proto > $(BIN)/generated
	mv $(BIN)/generated $(OUT)

generated: ## fails if make generate would write another file than the committed one
	@$(MAKE) --no-print-directory generate OUT=$(BIN)/simple.pb
	diff -u $(PROTO).pb.go $(BIN)/simple.pb

vuln: ## looks for known vulnerabilities, if the database can be reached; GOVULNDB=https://… names a mirror
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

api: $(BIN)/apidiff ## lists the API changes since the last tag that break users' code; from v1 on, it fails if there are any
	@tag=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null) || { echo "no tag yet to compare the API with"; exit 0; }; \
	rm -rf $(BIN)/api && git worktree prune && git worktree add -q --detach $(BIN)/api $$tag && \
	(cd $(BIN)/api && $(CURDIR)/$(BIN)/apidiff -m -w ../api.export .) && git worktree remove --force $(BIN)/api && \
	changes=$$($(BIN)/apidiff -m -incompatible $(BIN)/api.export . | grep -v '/internal/' || true) && \
	echo "since $$tag:" && echo "$${changes:-nothing that breaks}" && case $$tag in v0.*) ;; *) test -z "$$changes" ;; esac

$(BIN)/apidiff: Makefile
	GOBIN=$(CURDIR)/$(BIN) go install $(APIDIFF)
	touch $@

release-check: ## fails if Version, the newest heading of CHANGELOG.md and the tag of this commit differ
	@version=$$(sed -n 's/^const Version = "\(.*\)"$$/\1/p' doc.go); \
	heading=$$(sed -n 's/^## //p' CHANGELOG.md | head -n 1); \
	tag=$$(git tag --points-at HEAD --list 'v*'); \
	echo "Version $$version, changelog \"$$heading\", tag $${tag:-missing}"; \
	echo "$$heading" | grep -Eqx "$$version, [0-9]{4}-[0-9]{2}-[0-9]{2}" || { echo "the heading must be \"$$version, YYYY-MM-DD\"" >&2; exit 1; }; \
	[ "$$tag" = "v$$version" ] || { echo "the tag must be v$$version" >&2; exit 1; }

demo: ## searches, books, pays and refunds coach tickets at the fake
	go run ./examples/regionbilet

sandbox: ## serves the fakes of all suppliers on one port, with a control API and a web console
	go run ./cmd/rutravel-sandbox

sandbox-load: ## makes 1,000 calls a second at the sandbox for a minute; LOAD='-rate 500 -for 10s' sets flags
	go run ./tools/sandboxload $(LOAD)

sandbox-load-race: LOAD = -rate 300 -for 20s
sandbox-load-race: ## does the same with fewer calls and the race detector; needs a C compiler
	go run -race ./tools/sandboxload $(LOAD)

screenshots: ## takes the pictures of the console in docs; needs chromium
	cd sandbox/browsertest && CI=true go test -count=1 -run TestConsole . -screenshots $(CURDIR)/docs

bench: ## compares the library with the alternatives; writes a table of ratios into tools/bench
	cd tools/bench && go run . $(OLDEST) $(NEWEST)

soak: ## runs 300 callers for two minutes at all fakes over a network with faults; SOAK='-seed 1 -for 30s' sets flags
	go run ./tools/soak $(SOAK)

soak-race: SOAK = -for 20s -callers 60
soak-race: ## does the same for 20 seconds with the race detector; needs a C compiler
	go run -race ./tools/soak $(SOAK)

kill: ## kills processes that book and pay for four minutes; needs PostgreSQL; KILL='-kills 8' sets flags
	cd contrib/river/killtest && go run . $(KILL)

fuzz: ## runs every package's fuzz target for FUZZTIME each; two minutes in total
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		echo "== $$dir"; \
		go test -run '^$$' -fuzz '^Fuzz' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$dir; \
	done
