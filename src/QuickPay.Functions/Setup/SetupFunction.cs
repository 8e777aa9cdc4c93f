using QuickPay.Functions.Runtime;
using QuickPay.Functions.Secrets;
using QuickPay.Members;
using QuickPay.Sessions;

namespace QuickPay.Functions.Setup;

/// <summary>
/// A custom resource: before servers of a new version start, the database has its roles and its schema, and the two keys that nothing else makes
/// are there. Whatever happens, CloudFormation gets an answer; only if that cannot be delivered does the event fail, and Lambda starts it again.
/// </summary>
internal sealed class SetupFunction(FunctionSettings settings, HttpClient http, JsonLog log, TimeProvider time) : IFunction
{
    private static readonly KeyKind TokenKey = new(
        "private key (PEM, EC P-256) that signs tokens",
        SigningKeys.IsSigningKey,
        SigningKeys.NewSigningKey
    );
    private static readonly KeyKind PersonalDataKey = new(
        "key of personal data (64 bytes in base64)",
        PersonalDataKeys.IsKey,
        PersonalDataKeys.NewKey
    );

    public async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var request = CustomResourceRequest.Parse(invocation.Body);
        var answer = await AnswerAsync(request, cancellationToken);
        await new CustomResourceAnswers(http, time).PutAsync(request, answer, invocation.Deadline);
    }

    private async Task<CustomResourceAnswer> AnswerAsync(CustomResourceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return new CustomResourceAnswer(
                null,
                request.Type switch
                {
                    "Create" or "Update" => await SetUpAsync(cancellationToken),
                    // The database goes, or stays, by itself.
                    "Delete" => new Dictionary<string, string>(),
                    _ => throw new FunctionException("The event's RequestType is none of CloudFormation's."),
                }
            );
        }
        catch (Exception e)
        {
            log.Error("Setting up failed", e);
            return new CustomResourceAnswer(Reason.Of(e), new Dictionary<string, string>());
        }
    }

    private async Task<Dictionary<string, string>> SetUpAsync(CancellationToken cancellationToken)
    {
        var secrets = SecretsManager.Of(settings, http, time);
        var ownerSecret = await secrets.GetTextAsync(settings.Get("QUICKPAY_OWNER_SECRET"), cancellationToken);

        await using var setup = await DatabaseSetup.BeginAsync(role => settings.Postgres(time, role), ownerSecret, cancellationToken);
        // First: afterwards the database is the migrator's.
        var extensions = (settings.Find("QUICKPAY_EXTENSIONS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        await setup.CreateExtensionsAsync(extensions, cancellationToken);
        await setup.CreateRolesAsync(cancellationToken);
        log.Information("The roles are there");
        var migrations = await setup.MigrateAsync(cancellationToken);
        log.Information($"Migrations applied: {migrations.Count}");
        await EnsureAsync("QUICKPAY_TOKEN_KEY_SECRET", TokenKey, () => Task.CompletedTask);
        await EnsureAsync("QUICKPAY_PERSONAL_DATA_KEY_SECRET", PersonalDataKey, NobodyHasDataAsync);
        return new Dictionary<string, string> { ["Migrations"] = $"{migrations.Count}" };

        async Task EnsureAsync(string setting, KeyKind kind, Func<Task> mayMake)
        {
            if (await new KeySecret(secrets, settings.Get(setting), kind).EnsureAsync(mayMake, cancellationToken))
            {
                log.Information($"Made: {kind.Name}");
            }
        }

        async Task NobodyHasDataAsync()
        {
            if (await setup.HasMembersAsync(cancellationToken))
            {
                throw new FunctionException(
                    $"{settings.Get("QUICKPAY_PERSONAL_DATA_KEY_SECRET")} has no key, but there are members, whose data was sealed under one: put that back."
                );
            }
        }
    }
}
