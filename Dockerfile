# The service in a container. Build: docker build -t ws-echo-server .
# Run: docker run --rm --read-only -p 8000:8000 -p 8001:8001 ws-echo-server
# Options stand behind the image's name: … ws-echo-server --log-level debug
ARG DENO=docker.io/denoland/deno:2.9.6

# The packages, by their lock file, and the compiled code.
FROM ${DENO} AS build
ENV DENO_DIR=/deno-dir
WORKDIR /app
COPY deno.json deno.lock main.ts ./
COPY handlers handlers
COPY lib lib
RUN deno cache --frozen --lock=lib/cluster/bus/deno.lock main.ts npm:@redis/client@6.3.1 \
  && deno run --allow-env main.ts --version

FROM ${DENO}
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
WORKDIR /app
COPY --from=build --chown=0:0 /deno-dir /deno-dir
COPY --from=build --chown=0:0 /app /app
USER 65532:65532
EXPOSE 8000 8001
# The service itself is process 1, so that it gets SIGTERM and closes clients with 1001.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/bin/sh", "-c", "exec deno run $(deno task -q permissions \"$@\") main.ts \"$@\"", "sh"]
CMD []
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["deno", "run", "--no-config", "--no-prompt", "--allow-net=127.0.0.1,[::1]", "--allow-env=PORT,TLS_CERT", "lib/process/recipes/healthcheck.ts"]
