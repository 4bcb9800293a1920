# The shop for production: web, worker and beat are the same image with another command (docker-compose.yml).
FROM python:3.12-slim AS packages
WORKDIR /build
COPY requirements.txt ./
COPY shop/__init__.py shop/
COPY shop/bootstrap shop/bootstrap
COPY shop/embedded shop/embedded
# The lock holds tests and tools too; its production part has the same pins and hashes.
RUN python -m shop.bootstrap.lock > production.txt \
    && python -m venv /opt/kingpost \
    && /opt/kingpost/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r production.txt

FROM python:3.12-slim
ENV PATH=/opt/kingpost/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KINGPOST_NO_VENV=1 \
    DATA_DIR=/var/lib/kingpost \
    PORT=8000
RUN useradd --system --uid 10001 --home-dir /srv/kingpost --shell /usr/sbin/nologin kingpost \
    && install --directory --owner kingpost --group kingpost /var/lib/kingpost
COPY --from=packages /opt/kingpost /opt/kingpost
WORKDIR /srv/kingpost
COPY . .
# Starting up compiles the catalogues of texts, here where it may write beside them.
RUN python manage.py collectstatic --noinput && test -s shop/locale/de/LC_MESSAGES/django.mo
USER kingpost
VOLUME /var/lib/kingpost
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-m", "shop.bootstrap.alive"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port \"$PORT\" --workers \"${WEB_WORKERS:-2}\" --blocking-threads 4 --no-ws --respawn-failed-workers --workers-kill-timeout 20 shop.wsgi:application"]
