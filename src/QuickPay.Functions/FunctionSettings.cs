using System.ComponentModel.DataAnnotations;
using QuickPay.Functions.Secrets;
using QuickPay.Postgres;

namespace QuickPay.Functions;

/// <summary>
/// What a function is told: settings by the names of docs/settings.md as environment variables, and by <c>QUICKPAY_SECRET_name</c> the secret
/// whose text is that setting. Secrets are asked for each time, as a function lives longer than a password may.
/// </summary>
internal sealed class FunctionSettings(IReadOnlyDictionary<string, string> variables)
{
    private const string SecretPrefix = "QUICKPAY_SECRET_";

    /// <summary>Null when it is not there, or empty.</summary>
    public string? Find(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="FunctionException">It is missing.</exception>
    public string Get(string name) => Find(name) ?? throw new FunctionException($"{name} is not set.");

    /// <exception cref="FunctionException">Something is missing or wrong; the message says what.</exception>
    public async Task<PostgresOptions> PostgresAsync(SecretsManager secrets, CancellationToken cancellationToken)
    {
        var options = new PostgresOptions
        {
            Hosts = await ReadAsync(nameof(PostgresOptions.Hosts)),
            Database = await ReadAsync(nameof(PostgresOptions.Database)),
            Username = await ReadAsync(nameof(PostgresOptions.Username)),
            Password = await ReadAsync(nameof(PostgresOptions.Password)),
            RootCertificate = await ReadAsync(nameof(PostgresOptions.RootCertificate)),
        };
        var wrong = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true)
            ? options
            : throw new FunctionException(string.Join(" ", wrong.Select(result => result.ErrorMessage)));

        async Task<string> ReadAsync(string setting)
        {
            var name = $"{PostgresOptions.Section}__{setting}";
            return Find(SecretPrefix + name) is { } secret ? await secrets.GetTextAsync(secret, cancellationToken) : Find(name) ?? "";
        }
    }
}
