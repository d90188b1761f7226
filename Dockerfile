# The program alone, without a shell, as an unprivileged user:
#   docker build -t overexposed . && docker run --rm --network none -v "$PWD:/src:ro" overexposed check
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY rules rules
COPY benches benches
RUN cargo build --release --locked --bin overexposed

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/release/overexposed /usr/local/bin/overexposed
WORKDIR /src
# By number: Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/overexposed"]
CMD ["check"]
