using System.ComponentModel.DataAnnotations;
using QuickPay.Functions.Secrets;
using QuickPay.Postgres;

namespace QuickPay.Functions;

/// <summary>What a function is told, as environment variables: settings by the names of docs/settings.md, and where secrets are.</summary>
internal sealed class FunctionSettings(IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Null when it is not there, or empty.</summary>
    public string? Find(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="FunctionException">It is missing.</exception>
    public string Get(string name) => Find(name) ?? throw new FunctionException($"{name} is not set.");

    /// <summary>
    /// How the database is reached, by a token of now unless there is a password: asked for each time, as a function lives longer than a token.
    /// </summary>
    /// <param name="time">When a token is signed.</param>
    /// <param name="role">Null: the one that is set.</param>
    /// <exception cref="FunctionException">Something is missing or wrong; the message says what.</exception>
    public PostgresOptions Postgres(TimeProvider time, string? role = null)
    {
        var hosts = GetSetting(nameof(PostgresOptions.Hosts));
        var username = role ?? GetSetting(nameof(PostgresOptions.Username));
        var options = new PostgresOptions
        {
            Hosts = hosts,
            Database = GetSetting(nameof(PostgresOptions.Database)),
            Username = username,
            Password = Find(NameOf(nameof(PostgresOptions.Password))) ?? new DatabaseTokens(Get("AWS_REGION"), time).For(hosts, username),
            RootCertificate = GetSetting(nameof(PostgresOptions.RootCertificate)),
        };
        var wrong = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true)
            ? options
            : throw new FunctionException(string.Join(" ", wrong.Select(result => result.ErrorMessage)));

        string GetSetting(string setting) => Get(NameOf(setting));

        static string NameOf(string setting) => $"{PostgresOptions.Section}__{setting}";
    }
}
