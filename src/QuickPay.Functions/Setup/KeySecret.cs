using QuickPay.Functions.Secrets;

namespace QuickPay.Functions.Setup;

/// <summary>What kind of key a secret is to have.</summary>
/// <param name="Name">For people.</param>
/// <param name="IsKey">Whether a text is one.</param>
/// <param name="Make">A new one.</param>
internal sealed record KeyKind(string Name, Func<string, bool> IsKey, Func<string> Make);

/// <summary>
/// Gives a secret its key, once and for ever. A key that is lost takes with it what was sealed under it, so a value is replaced only if it is
/// what CloudFormation made up, and never after there was a key:
/// <code>
///   the value is a key ──────────────────► done
///   it looks like one, or is of bytes ───► failed: a person has to look
///   the value before it was a key ───────► failed: a person has to put it back
///   else ── write under an id that follows from the value that was seen, read back
/// </code>
/// Of two who saw the same value one writes, and the other reads what that one wrote.
/// </summary>
internal sealed class KeySecret(SecretsManager secrets, string secret, KeyKind kind)
{
    /// <param name="mayMake">Asked before one is made; throws if none may be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was made now.</returns>
    public async Task<bool> EnsureAsync(Func<Task> mayMake, CancellationToken cancellationToken)
    {
        var seen = await secrets.FindAsync(secret, SecretsManager.Current, cancellationToken);
        if (IsKey(seen))
        {
            return false;
        }
        if (seen is { Text: null } || seen?.Text?.Contains("-----BEGIN", StringComparison.Ordinal) == true)
        {
            throw new FunctionException($"{secret} has a value that somebody put there, and it is no {kind.Name}. It is left as it is.");
        }
        if (IsKey(await secrets.FindAsync(secret, SecretsManager.Previous, cancellationToken)))
        {
            throw new FunctionException(
                $"{secret} has lost its {kind.Name}, which is still its version {SecretsManager.Previous}: make that {SecretsManager.Current} again."
            );
        }
        await mayMake();
        var made = kind.Make();
        var written = await secrets.TryPutAsync(
            secret,
            made,
            VersionIds.After(secret, seen?.Version),
            SecretsManager.Current,
            cancellationToken
        );
        var kept = await secrets.FindAsync(secret, SecretsManager.Current, cancellationToken);
        if (!IsKey(kept) || (written && kept!.Text != made))
        {
            throw new FunctionException($"{secret} does not have the {kind.Name} that was written to it.");
        }
        return written;
    }

    private bool IsKey(SecretValue? value) => value?.Text is { } text && kind.IsKey(text);
}
