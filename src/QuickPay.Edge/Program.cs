// Answers go on from the thread that noticed the socket: a forwarded request would otherwise change threads four times, which shows in the
// slowest answers. Nothing on the way blocks; what computes for long (the firewall's rules) has threads of its own.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
await QuickPay.Edge.EdgeApp.Create(args).RunAsync();
