# The sandbox of all suppliers, or another program of this repository:
#   docker build -t rutravel-sandbox .
#   docker run -p 127.0.0.1:8080:8080 rutravel-sandbox -listen=0.0.0.0:8080 -public
#   docker build --build-arg PROGRAM=./examples/regionbilet .
FROM golang:1.26.8-bookworm AS build
ARG PROGRAM=./cmd/rutravel-sandbox
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/program ${PROGRAM}
RUN mkdir /certs

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/program /program
COPY --from=build --chown=nonroot:nonroot /certs /certs
ENTRYPOINT ["/program"]
