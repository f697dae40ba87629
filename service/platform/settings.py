"""Every setting of the service, read from the environment and from ``.env`` on first use."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.broker_thresholds import BrokerThresholds
from schemas.rate_limits import RateLimits
from schemas.vocabulary import Affiliation


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DUIJIE_", env_file=".env", extra="ignore")

    database_url: str | None = Field(
        default=None,
        description="A PostgreSQL to use. Without it the program starts its own in the data folder.",
    )
    broker_url: str | None = Field(
        default=None,
        description="RabbitMQ or Redis for the worker. Without it the database itself is the queue.",
    )
    data_dir: Path = Field(
        default=Path("var"), description="Where the embedded database, the model and index snapshots lie."
    )
    model: str = Field(
        default="default", description="A sentence-transformers name or folder. The default needs no network."
    )
    encoder_precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="Number format of the encoder; auto takes what this processor is fastest with.",
    )
    encoder_threads: int = Field(default=1, ge=1, description="Threads that one encoding may use.")
    operator_key: SecretStr | None = Field(
        default=None, description="The first operator's key, taken when the database has no operator yet."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Keys with which contacts and messages are sealed, the newest first, with commas between; "
        "`duijie secrets new` makes one. Without it, in embedded mode, one is made in the data folder.",
    )
    demo: bool = Field(
        default=True, description="Load the demonstration data when `duijie run` finds an empty database."
    )
    policy_weights: dict[Affiliation, Annotated[float, Field(ge=0, le=0.5)]] = Field(
        default={},
        description='What policy adds to a posting by its affiliation, in log-odds, as {"aid": 0.2}. At most '
        "0.5, which makes 0.50 0.62; always told among the reasons.",
    )
    list_days: int = Field(
        default=365, ge=1, description="Days for which shown lists of matches are kept, with what was asked."
    )
    scoring: Path | None = Field(
        default=None,
        description="A score that `duijie train` wrote. Without it the one of the package counts.",
    )
    reranker: str | None = Field(
        default=None,
        description="A sentence-transformers CrossEncoder, by name or folder, that orders the first 50 matches.",
    )
    reranker_seconds: float = Field(
        default=1.0,
        gt=0,
        description="Time that the reranker may take; what it has not read by then stays behind.",
    )
    introduction_days: int = Field(
        default=30, ge=1, description="Days after which an introduction that nobody answered expires."
    )
    stalled_days: int = Field(
        default=14,
        ge=1,
        description="Days after which an introduction in which nobody does anything is shown to brokers.",
    )
    broker_thresholds: BrokerThresholds = Field(
        default=BrokerThresholds(),
        description="What a broker's year must show at least for each rating.",
    )
    commission_limit: float = Field(
        default=0.015,
        ge=0,
        le=1,
        description="The most that a broker's commission may be, as a share of the technology transaction value.",
    )
    answer_days: int = Field(
        default=1, ge=1, description="Days for which answers to requests with an `Idempotency-Key` are kept."
    )
    introduction_forget_days: int = Field(
        default=1095,
        ge=1,
        description="Days after the end of an introduction when its contacts and messages are emptied.",
    )
    posting_forget_days: int = Field(
        default=365,
        ge=1,
        description="Days after which the contacts and readings of a posting that is closed, expired or returned "
        "are emptied.",
    )
    import_forget_days: int = Field(
        default=90,
        ge=1,
        description="Days after the end of an import when the words in its report are emptied.",
    )
    nda_forget_days: int = Field(
        default=3650,
        ge=1,
        description="Days after the end of an introduction when its non-disclosure agreements are emptied.",
    )
    contract_forget_days: int = Field(
        default=3650,
        ge=1,
        description="Days after a contract was fulfilled or cancelled when its clauses, remarks and signers are "
        "emptied; sums, type and days stay.",
    )
    challenge_forget_days: int = Field(
        default=1095,
        ge=1,
        description="Days after the end of a challenge when its bids, reports and reviews are emptied.",
    )
    broker_forget_days: int = Field(
        default=1095,
        ge=1,
        description="Days after a broker's standing ended, and after an evaluation, when their words are emptied.",
    )
    mail_address_days: int = Field(
        default=30,
        ge=1,
        description="Days after which a mail address that was not confirmed, or was unsubscribed, is deleted.",
    )
    notice_days: int = Field(
        default=730,
        ge=1,
        description="Days for which notices are kept, with their deliveries to webhooks and mails.",
    )
    session_hours: int = Field(
        default=12, ge=1, le=720, description="Hours for which somebody stays signed in at the portal."
    )
    session_idle_minutes: int = Field(
        default=120,
        ge=1,
        description="Minutes without a page after which somebody is signed out of the portal.",
    )
    require_declaration: bool = Field(
        default=False,
        description="Whether an organisation must have declared research integrity before it publishes or asks.",
    )
    hold_contacts: bool = Field(
        default=False,
        description="Hold for review also those postings out of whose texts contacts were taken.",
    )
    transfer_months: int = Field(
        default=36,
        ge=1,
        le=600,
        description="Months after publication by which a publicly funded achievement or patent that states no day "
        "is to be transferred.",
    )
    transfer_near_days: int = Field(
        default=90,
        ge=0,
        le=3650,
        description="Days before that day from which on a result counts as near it.",
    )
    challenge_months: int = Field(
        default=36, ge=1, description="Most months that a challenge may give from the contract to acceptance."
    )
    challenge_amendment_days: int = Field(
        default=5,
        ge=0,
        le=90,
        description="Least days between an amendment of an open challenge and its deadline, unless the deadline "
        "alone is put off.",
    )
    challenge_solver_share: int = Field(
        default=40, ge=0, le=100, description="Least percent of a challenge's public money for the solver."
    )
    challenge_own_to_public: float = Field(
        default=4,
        ge=0,
        description="How many times its public money an enterprise must put into its challenge of its own.",
    )
    webhook_allow: list[str] = Field(
        default=[],
        description="Host names and networks to which webhooks may go although they are private, as "
        '["hooks.internal", "10.2.0.0/16"]; http is allowed to these alone.',
    )
    webhook_pauses: list[Annotated[float, Field(gt=0)]] = Field(
        default=[5, 60, 300, 1_200, 3_600, 7_200, 14_400, 21_600, 39_600],
        min_length=1,
        description="Seconds before each further attempt at a webhook or a mail; together some 24 hours.",
    )
    webhook_seconds: float = Field(
        default=15, gt=0, description="Longest that one attempt at a webhook may take, all in all."
    )
    smtp_host: str | None = Field(
        default=None, description="The mail server. Without it no mail is sent, nor any address taken."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="The mail server's port.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the way to the mail server is encrypted; none is for a local relay.",
    )
    smtp_user: str | None = Field(default=None, description="Who signs in at the mail server, if anybody.")
    smtp_password: SecretStr | None = Field(default=None, description="With which password.")
    mail_from: str = Field(
        default="noreply@localhost", description="The address from which notices are mailed."
    )
    digest_hour: int = Field(
        default=10, ge=0, le=23, description="Hour of the day, Beijing time, at which digests are mailed."
    )
    host: str = Field(default="127.0.0.1", description="Address on which the API listens.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port on which the API listens.")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+$",
        description="Scheme and host by which people reach this service, for links, cookies, forms and the way "
        "back from a provider; other hosts are refused. Without it, as the request names them.",
    )
    admin_email: str = Field(
        default="noreply@localhost",
        description="Whom harvesters, mail readers and finders of weaknesses may write to.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="A token with which `/metrics` is answered to other machines, too.",
    )
    rate_limits: RateLimits = Field(
        default=RateLimits(),
        description="How often each key, or each address where nobody has signed in, may do what costs much; null "
        "for no limit. Each API process counts for itself.",
    )
    api_threads: int = Field(default=8, ge=1, description="Requests that one API process works on at a time.")
    wait_seconds: float = Field(
        default=10,
        gt=0,
        description="Longest that a request waits for its turn, and for its text to be encoded, before it is told "
        "that the service is busy.",
    )
    encoding_queue: int = Field(
        default=64, ge=1, description="Most requests whose texts wait to be encoded, in one API process."
    )
    free_text_limit: int = Field(
        default=4_000,
        ge=100,
        le=20_000,
        description="Characters of a free text that are read for its matches; the answer tells of a longer one.",
    )
    statement_seconds: float = Field(
        default=30, gt=0, description="Longest that the database may work on one statement of a request."
    )
    lock_seconds: float = Field(
        default=10, gt=0, description="Longest that a statement of a request may wait for a lock."
    )
    idle_seconds: float = Field(
        default=60,
        gt=0,
        description="Longest that a transaction of the API may lie idle before the database ends it.",
    )
    long_seconds: float = Field(
        default=900,
        gt=0,
        description="Longest that the database may work on one statement of an export, of the worker or of a "
        "command; migrations have no end.",
    )
    worker_threads: int = Field(
        default=4, ge=1, description="Tasks that one worker process works on at a time."
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port on which each worker process serves its own Prometheus metrics; without it none.",
    )
    worker_metrics_host: str = Field(default="127.0.0.1", description="Address on which it does.")
    index_batch: int = Field(default=16, ge=1, le=256, description="Postings that are encoded in one task.")
    retry_pause: float = Field(
        default=2, gt=0, description="Seconds before a failed task is tried again; doubled each time."
    )
    retry_limit: int = Field(default=6, ge=0, description="How often a failed task is tried again.")
    resend_after: float = Field(
        default=120, gt=0, description="Seconds after which work that was sent and not done is sent again."
    )
    body_limit: int = Field(default=1_000_000, ge=1_000, description="Largest JSON body, in bytes.")
    client_seconds: float = Field(
        default=20,
        gt=0,
        description="Longest that a client may take to send a request's head, to send its body, and to read the "
        "answer; for body and answer a second more for every 5,000 bytes.",
    )
    connections: int = Field(
        default=800,
        ge=1,
        description="Connections that one API process serves at a time; further ones are 503.",
    )
    import_limit: int = Field(default=50_000_000, ge=1_000, description="Largest import file, in bytes.")
    import_rows_limit: int = Field(default=100_000, ge=1, description="Most rows in one import file.")
    snapshot_every: float = Field(
        default=300, gt=0, description="Seconds between snapshots of a changed index."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="An OpenID Connect provider with which people sign in at the portal, beside API keys.",
    )
    oidc_client_id: str = Field(default="duijie", description="The portal's id at that provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The portal's secret at that provider."
    )
    oidc_organization_claim: str = Field(
        default="organization",
        description="The claim that names a person's organisation: its id or credit code. A string, a list, "
        "or Keycloak's map.",
    )
    oidc_role_claim: str = Field(
        default="duijie_role",
        description="The claim that makes somebody broker or operator; anybody else is a member. A string, a list, or "
        "Keycloak's `realm_access`.",
    )
    oidc_scope: str = Field(
        default="openid profile",
        description="What the portal asks that provider for: the scopes with which it sends these claims, such as "
        "`openid profile organization`.",
    )
    oidc_leeway: int = Field(
        default=60, ge=0, le=600, description="Seconds by which that provider's clock may differ from ours."
    )
    backup_dir: Path | None = Field(
        default=None, description="Where the worker puts a backup each day. Without it, it makes none."
    )
    backup_keep: int = Field(default=14, ge=1, description="How many of these backups are kept.")
    backup_hour: int = Field(
        default=3, ge=0, le=23, description="Hour of the day, Beijing time, at which they are made."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What is logged."
    )

    @property
    def address(self) -> str:
        """Scheme and host of this service where no request names them: in mails."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def embedded(self) -> bool:
        """Whether the program keeps its own PostgreSQL."""
        return self.database_url is None


@lru_cache
def settings() -> Settings:
    return Settings()
