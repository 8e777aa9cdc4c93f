using QuickPay.Functions.Runtime;
using QuickPay.Functions.Secrets;
using QuickPay.Sessions;

namespace QuickPay.Functions.TokenKeys;

/// <summary>
/// Replaces the key that signs access tokens, at most one step a run, so that hosts, which look for keys every few minutes, have seen a step before the
/// next one, and no token that lives is refused:
/// <code>
///   changed within the last hour ──────► nothing
///   a next key ────────────────────────► it signs; the one before is still believed
///   a key before this one ─────────────► it is not believed any more
///   this key is older than 30 days ────► a next key: it is believed, and signs nothing yet
/// </code>
/// It may be killed anywhere: which step is due is told by what the secret is, and each is one call.
/// </summary>
internal sealed class TokenKeyFunction(FunctionSettings settings, HttpClient http, JsonLog log, TimeProvider time) : IFunction
{
    private static readonly TimeSpan Seen = TimeSpan.FromHours(1);
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(30);

    public async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var (secrets, secret) = (SecretsManager.Of(settings, http, time), settings.Get("QUICKPAY_TOKEN_KEY_SECRET"));
        var there = await secrets.DescribeAsync(secret, cancellationToken);
        if (time.GetUtcNow() - there.ChangedAt < Seen)
        {
            log.Information("The key of tokens was changed within the last hour: nothing to do yet");
            return;
        }
        var current = await KeyAtAsync(SecretsManager.Current);
        if (there.VersionAt(SecretsManager.Pending) is { } pending && pending != current.Version)
        {
            await KeyAtAsync(SecretsManager.Pending);
            await secrets.MoveAsync(secret, SecretsManager.Current, from: current.Version, to: pending, cancellationToken);
            log.Information("Tokens are signed by the next key from now on");
        }
        else if (there.VersionAt(SecretsManager.Previous) is { } previous && previous != current.Version)
        {
            await secrets.MoveAsync(secret, SecretsManager.Previous, from: previous, to: null, cancellationToken);
            log.Information("Tokens of the key before are not believed any more");
        }
        else if (time.GetUtcNow() - current.MadeAt >= AgeMax)
        {
            var next = SigningKeys.NewSigningKey();
            await secrets.TryPutAsync(secret, next, VersionIds.After(secret, current.Version), SecretsManager.Pending, cancellationToken);
            log.Information("There is a next key of tokens");
        }

        async Task<SecretValue> KeyAtAsync(string stage) =>
            await secrets.FindAsync(secret, stage, cancellationToken) is { Text: { } text } value && SigningKeys.IsSigningKey(text)
                ? value
                : throw new FunctionException($"{secret}: what is {stage} there is no private key (PEM, EC P-256). It is left as it is.");
    }
}
