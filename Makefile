# emurun: an x86-64 Linux emulator with deterministic machines.
#
#   make demo   builds everything and shows the main job on real programs
#   make test   runs all tests, installing what they need where it may
#   make        builds, lints and tests

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  = -s -w -X main.version=$(VERSION)
# Without its generator of manual pages, the command line starts 0.3 ms earlier.
TAGS     = urfave_cli_no_docs
CROSS    = linux/amd64 linux/arm64 linux/riscv64 linux/s390x darwin/arm64 windows/amd64 js/wasm

all: build lint test

build:
	$(GO) build -trimpath -tags=$(TAGS) -ldflags='$(LDFLAGS)' -o bin/ ./cmd/...

setup:
	@tools/setup.sh

test: setup build
	$(GO) test -timeout 30m ./...

race: setup
	$(GO) test -race -short ./vfs/... ./syscalls/... ./machine/... ./internal/host/... ./snapshot/... ./server/... ./cmd/emusrv
	$(GO) test -race -short -run Script ./cmd/emurun

lint:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not gofmt-clean:" $$bad; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

cross:
	@for t in $(CROSS); do echo "cross $$t"; GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -o /dev/null ./cmd/... || exit 1; done

generate:
	$(GO) generate ./...

golden:
	$(GO) test $$(grep -rl '"update"' --include='*_test.go' . | xargs -n1 dirname | sort -u) -run 'Golden|Transcript|Vectors' -update

# SOAK times the usual number of random freezes, runs, kills and flipped bits; FUZZ seconds for each
# fuzz target.
SOAK ?= 9
FUZZ ?= 20
soak: build setup
	@SOAK=$(SOAK) FUZZ=$(FUZZ) tools/soak.sh

bench: build setup
	@tools/bench.sh

fuzz:
	@tools/fuzz.sh

testbins:
	$(MAKE) -C testbins

demo: build setup
	@tools/demo.sh

clean:
	rm -rf bin dist

.PHONY: all build setup test race lint cross generate golden soak bench fuzz testbins demo clean
