# One image, one process, one volume. Build: docker build -t ticketmoa .   Run: docker run -p 8080:8080 -v ticketmoa:/data ticketmoa
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/ticketmoa .

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates chromium-headless-shell chromium-sandbox fonts-noto-cjk tesseract-ocr tesseract-ocr-kor tesseract-ocr-script-hang tini && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 65532 ticketmoa && useradd --uid 65532 --gid 65532 --home-dir /data --shell /usr/sbin/nologin ticketmoa && mkdir -p /data && chown 65532:65532 /data
COPY --from=build /out/ticketmoa /usr/local/bin/ticketmoa
ENV TICKETMOA_DATA__DIR=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/usr/local/bin/ticketmoa", "healthcheck"]
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/ticketmoa"]
CMD ["serve"]
