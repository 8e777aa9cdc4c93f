namespace QuickPay.Cli.Local;

/// <summary>Starts servers side by side.</summary>
internal static class StartTogether
{
    /// <summary>Returns when all answer. One that cannot start ends the start of all: nobody waits for the others.</summary>
    /// <param name="servers">Those to start.</param>
    /// <param name="started">Called for each as soon as it answers.</param>
    /// <param name="cancellationToken">Ends the start of all.</param>
    public static async Task AllAsync(IEnumerable<ILocalServer> servers, Action<ILocalServer> started, CancellationToken cancellationToken)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(servers.Select(StartAndNoteAsync)).ConfigureAwait(false);

        async Task StartAndNoteAsync(ILocalServer server)
        {
            try
            {
                await server.StartAsync(together.Token).ConfigureAwait(false);
                started(server);
            }
            catch
            {
                await together.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
