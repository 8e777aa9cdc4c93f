using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace QuickPay.Hosting;

/// <summary>Every way in which a call can fail, by the stable code that clients switch on.</summary>
public enum ProblemCode
{
    InvalidRequest,
    IdempotencyKeyMissing,
    Unauthenticated,
    SessionRevoked,
    PinRequired,
    PinInvalid,
    PinLocked,
    RequestBlocked,
    CountryBlocked,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    AccountNotFound,
    TransferNotFound,
    SessionNotFound,
    IdempotencyInProgress,
    StatementInProgress,
    PhoneTaken,
    PayloadTooLarge,
    UnsupportedMediaType,
    UnknownHost,
    IdempotencyKeyReused,
    InsufficientFunds,
    RecipientNotFound,
    SameAccount,
    AccountClosed,
    CurrencyMismatch,
    LimitExceeded,
    RecipientLimitExceeded,
    TransferNotPending,
    RateLimited,
    LoginLocked,
    InternalError,
    Overloaded,
    UnavailableRetry,
    ReadOnly,
    RatesUnavailable,
    OutcomeUnknown,
}

/// <summary>A row of the table of problems.</summary>
/// <param name="Code">Stable; clients switch on it.</param>
/// <param name="Title">One sentence that is the same for every occurrence.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="RetryAfterSeconds">Sent as Retry-After; 0 when sending the same again does not help.</param>
public sealed record ProblemKind(string Code, int Status, string Title, string Advice, int RetryAfterSeconds = 0);

/// <summary>The one table of problems; <c>docs/errors.md</c> is made from it.</summary>
public static class Problems
{
    private const string Docs = "https://quickpay.example/problems/";

    public static ProblemKind Kind(ProblemCode code) =>
        code switch
        {
            ProblemCode.InvalidRequest => new("invalid_request", 400, "The request is not valid.", "Correct the fields in `errors`."),
            ProblemCode.IdempotencyKeyMissing => new(
                "idempotency_key_missing",
                400,
                "The Idempotency-Key header is missing.",
                "Make a key, store it, and send the request with it; use the same key when you retry."
            ),
            ProblemCode.Unauthenticated => new(
                "unauthenticated",
                401,
                "The request is not authenticated.",
                "Log in, or refresh the access token."
            ),
            ProblemCode.SessionRevoked => new("session_revoked", 401, "The session has ended.", "Refresh it, or log in again."),
            ProblemCode.PinRequired => new("pin_required", 403, "This transfer needs the PIN.", "Send it again with `pin`."),
            ProblemCode.PinInvalid => new("pin_invalid", 403, "The PIN is wrong.", "Ask the member again; five wrong ones lock it."),
            ProblemCode.PinLocked => new(
                "pin_locked",
                403,
                "The PIN is locked after too many wrong ones.",
                "Wait for as long as Retry-After says.",
                60
            ),
            ProblemCode.RequestBlocked => new(
                "request_blocked",
                403,
                "The firewall refused this request.",
                "It looks like an attack. If it is none, tell the support the traceId."
            ),
            ProblemCode.CountryBlocked => new(
                "country_blocked",
                403,
                "The service is not offered where this request comes from.",
                "Use it from another country."
            ),
            ProblemCode.NotFound => new("not_found", 404, "There is nothing here.", "See /openapi/v1.json for what there is."),
            ProblemCode.MethodNotAllowed => new("method_not_allowed", 405, "The method is not allowed here.", "See the Allow header."),
            ProblemCode.RequestTimeout => new(
                "request_timeout",
                408,
                "The body did not come in time.",
                "Nothing was done. Send it again, with the same key if it has one."
            ),
            ProblemCode.AccountNotFound => new("account_not_found", 404, "You have no such account.", "See GET /v1/accounts."),
            ProblemCode.TransferNotFound => new(
                "transfer_not_found",
                404,
                "You have no such transfer.",
                "Only its sender and its recipient can see a transfer."
            ),
            ProblemCode.SessionNotFound => new("session_not_found", 404, "You have no such session.", "See GET /v1/sessions."),
            ProblemCode.IdempotencyInProgress => new(
                "idempotency_in_progress",
                409,
                "A request with this key is still running.",
                "Send the same again with the same key after Retry-After.",
                1
            ),
            ProblemCode.StatementInProgress => new(
                "statement_in_progress",
                409,
                "You are downloading a statement already.",
                "One at a time: ask again when it has ended.",
                5
            ),
            ProblemCode.PhoneTaken => new("phone_taken", 409, "This phone number already has a member.", "Log in instead."),
            ProblemCode.PayloadTooLarge => new("payload_too_large", 413, "The body is too large.", "No call needs more than 16 KiB."),
            ProblemCode.UnsupportedMediaType => new(
                "unsupported_media_type",
                415,
                "The body must be JSON.",
                "Send Content-Type: application/json."
            ),
            ProblemCode.UnknownHost => new(
                "unknown_host",
                421,
                "This host name is not served here.",
                "Use the address that the service publishes."
            ),
            ProblemCode.IdempotencyKeyReused => new(
                "idempotency_key_reused",
                422,
                "This key was used for another request.",
                "Use a new key for a new request; a retry repeats the request unchanged."
            ),
            ProblemCode.InsufficientFunds => new(
                "insufficient_funds",
                422,
                "The available balance is too small.",
                "Money that is held for pending transfers does not count."
            ),
            ProblemCode.RecipientNotFound => new("recipient_not_found", 422, "There is no such recipient.", "Check the number."),
            ProblemCode.SameAccount => new("same_account", 422, "Sender and recipient are one account.", "Choose another recipient."),
            ProblemCode.AccountClosed => new("account_closed", 422, "One of the accounts is frozen or closed.", "Ask the support."),
            ProblemCode.CurrencyMismatch => new(
                "currency_mismatch",
                422,
                "The currency is not that of both accounts.",
                "Send the account's own currency."
            ),
            ProblemCode.LimitExceeded => new(
                "limit_exceeded",
                422,
                "This is over your limit.",
                "`limit` says which one, `remaining` what is left of it in minor units."
            ),
            ProblemCode.RecipientLimitExceeded => new(
                "recipient_limit_exceeded",
                422,
                "The recipient cannot receive this much.",
                "Send less, or ask them to verify their account."
            ),
            ProblemCode.TransferNotPending => new(
                "transfer_not_pending",
                422,
                "The transfer is not pending, or holds less than that.",
                "Look it up: it was captured, cancelled or has expired."
            ),
            ProblemCode.RateLimited => new("rate_limited", 429, "Too many requests.", "Wait for as long as Retry-After says.", 1),
            ProblemCode.LoginLocked => new(
                "login_locked",
                429,
                "Logging in is locked after too many wrong passwords.",
                "Wait for as long as Retry-After says.",
                60
            ),
            ProblemCode.InternalError => new(
                "internal_error",
                500,
                "Something went wrong on our side.",
                "Tell the support the traceId. Sending it again with the same key is safe."
            ),
            ProblemCode.Overloaded => new(
                "overloaded",
                503,
                "Too much is waiting.",
                "This attempt did nothing. Send it again, with the same key if it has one, after Retry-After.",
                1
            ),
            ProblemCode.UnavailableRetry => new(
                "unavailable_retry",
                503,
                "A part of the service cannot be reached.",
                "Send it again after Retry-After; a payment with the same key, under which it is done once at most.",
                2
            ),
            ProblemCode.ReadOnly => new(
                "read_only",
                503,
                "Only reading is possible at the moment.",
                "Nothing was done. Balances and histories can be read as of their `asOf`; send this again later, a payment with the same key.",
                60
            ),
            ProblemCode.RatesUnavailable => new(
                "rates_unavailable",
                503,
                "There are no exchange rates yet.",
                "Ask again after Retry-After. Once there are some, the last ones stay.",
                60
            ),
            ProblemCode.OutcomeUnknown => new(
                "outcome_unknown",
                503,
                "It is not known yet whether this was done.",
                "Send it again with the same key after Retry-After: it is done once at most, and you learn the outcome.",
                5
            ),
        };

    public static Problem Of(ProblemCode code, string? detail = null) => new(code, detail);

    /// <summary>A problem that passes by itself after <paramref name="delay"/>.</summary>
    public static Problem Of(ProblemCode code, TimeSpan delay) => new(code) { RetryAfterSeconds = (int)Math.Ceiling(delay.TotalSeconds) };

    /// <summary>A 400 that names one field.</summary>
    public static Problem Invalid(string field, string message) =>
        new(ProblemCode.InvalidRequest, null) { Errors = { [field] = [message] } };

    /// <summary>The URI that names a kind of problem.</summary>
    public static string TypeOf(string code) => Docs + code;
}

/// <summary>
/// An answer of RFC 9457: <c>{type, title, status, detail, code, instance, traceId, errors?}</c>, with the members of the
/// kind at hand beside them.
/// </summary>
public sealed class Problem(ProblemCode code, string? detail = null) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ProblemCode Code => code;

    public int? StatusCode => Problems.Kind(code).Status;

    /// <summary>What is wrong, by field.</summary>
    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>Further members, such as which limit and what is left of it.</summary>
    public Dictionary<string, object> Extensions { get; } = [];

    /// <summary>Overrides the kind's own.</summary>
    public int? RetryAfterSeconds { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var kind = Problems.Kind(code);
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.ContentType = "application/problem+json";
        // A proxied answer that was empty has said so already.
        response.ContentLength = null;
        response.Headers.CacheControl = "no-store";
        if ((RetryAfterSeconds ?? kind.RetryAfterSeconds) is > 0 and var seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        if (kind.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }
        await using (var json = new Utf8JsonWriter(response.BodyWriter, Writing))
        {
            Write(json, kind, httpContext);
        }
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder)
    {
        // The OpenAPI document describes problems once for all calls.
    }

    private void Write(Utf8JsonWriter json, ProblemKind kind, HttpContext httpContext)
    {
        json.WriteStartObject();
        json.WriteString("type", Problems.TypeOf(kind.Code));
        json.WriteString("title", kind.Title);
        json.WriteNumber("status", kind.Status);
        json.WriteString("detail", detail ?? kind.Advice);
        json.WriteString("code", kind.Code);
        json.WriteString("instance", httpContext.Request.Path.Value);
        json.WriteString("traceId", Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier);
        foreach (var (name, value) in Extensions)
        {
            json.WritePropertyName(name);
            if (value is long number)
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteStringValue(value.ToString());
            }
        }
        if (Errors.Count > 0)
        {
            json.WriteStartObject("errors");
            foreach (var (field, messages) in Errors)
            {
                json.WriteStartArray(field);
                foreach (var message in messages)
                {
                    json.WriteStringValue(message);
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
