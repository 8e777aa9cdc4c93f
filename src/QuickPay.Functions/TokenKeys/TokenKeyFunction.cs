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
/// It may be killed anywhere: which step is due is told by what the secret is.
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
        var next = await FindNextAsync();
        if (next is not null)
        {
            await secrets.MoveAsync(secret, SecretsManager.Current, from: current.Version, to: next, cancellationToken);
            await secrets.MoveAsync(secret, SecretsManager.Pending, from: next, to: null, cancellationToken);
            log.Information("Tokens are signed by the next key from now on");
        }
        else if (there.VersionAt(SecretsManager.Previous) is { } previous && previous != current.Version)
        {
            await secrets.MoveAsync(secret, SecretsManager.Previous, from: previous, to: null, cancellationToken);
            log.Information("Tokens of the key before are not believed any more");
        }
        else if (time.GetUtcNow() - current.MadeAt >= AgeMax)
        {
            var id = VersionIds.After(secret, current.Version);
            if (
                !await secrets.TryPutAsync(secret, SigningKeys.NewSigningKey(), id, SecretsManager.Pending, cancellationToken)
                && await secrets.FindAsync(secret, SecretsManager.Pending, cancellationToken) is null
            )
            {
                throw new FunctionException(
                    $"{secret}: the version {id} was a key once, so no next one is made. Put one there as AWSPENDING."
                );
            }
            log.Information("There is a next key of tokens");
        }

        // One that is older than the key that signs was there before somebody chose that by hand, and is not to undo it: it may be the leaked one.
        async Task<string?> FindNextAsync()
        {
            if (there.VersionAt(SecretsManager.Pending) is not { } pending)
            {
                return null;
            }
            if (pending != current.Version && (await KeyAtAsync(SecretsManager.Pending)).MadeAt > current.MadeAt)
            {
                return pending;
            }
            await secrets.MoveAsync(secret, SecretsManager.Pending, from: pending, to: null, cancellationToken);
            return null;
        }

        async Task<SecretValue> KeyAtAsync(string stage) =>
            await secrets.FindAsync(secret, stage, cancellationToken) is { Text: { } text } value && SigningKeys.IsSigningKey(text)
                ? value
                : throw new FunctionException($"{secret}: what is {stage} there is no private key (PEM, EC P-256). It is left as it is.");
    }
}
