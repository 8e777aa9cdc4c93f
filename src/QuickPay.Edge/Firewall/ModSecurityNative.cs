using System.Runtime.InteropServices;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// libmodsecurity's C functions, as its headers declare them. Their strings are UTF-8; those with a length may hold anything, the
/// others end at a zero. Handles come in as numbers so that an inspection, which makes some forty calls, does not count references.
/// </summary>
internal static unsafe partial class ModSecurityNative
{
    public const string Library = "libmodsecurity.so.3";

    /// <summary>
    /// Held while engines and rules come and go: the library and those that it uses keep global variables, and two threads that load, or
    /// clean up, at once corrupt the process' memory. An edge has one engine; tests have many.
    /// </summary>
    public static readonly Lock Globals = new();

    [LibraryImport(Library, EntryPoint = "msc_init")]
    public static partial nint Init();

    [LibraryImport(Library, EntryPoint = "msc_set_log_cb")]
    public static partial void SetLogCallback(nint engine, delegate* unmanaged[Cdecl]<nint, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "msc_cleanup")]
    public static partial void Cleanup(nint engine);

    [LibraryImport(Library, EntryPoint = "msc_create_rules_set")]
    public static partial nint CreateRules();

    /// <returns>How many rules were added; negative, and a message, when the file or its contents are wrong.</returns>
    [LibraryImport(Library, EntryPoint = "msc_rules_add_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddRulesFile(nint rules, string file, out nint error);

    /// <inheritdoc cref="AddRulesFile"/>
    [LibraryImport(Library, EntryPoint = "msc_rules_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddRules(nint rules, string text, out nint error);

    [LibraryImport(Library, EntryPoint = "msc_rules_cleanup")]
    public static partial int CleanupRules(nint rules);

    [LibraryImport(Library, EntryPoint = "msc_new_transaction_with_id")]
    public static partial nint NewTransaction(nint engine, nint rules, ReadOnlySpan<byte> id, nint callbackData);

    [LibraryImport(Library, EntryPoint = "msc_process_connection", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ProcessConnection(nint transaction, string client, int clientPort, ReadOnlySpan<byte> server, int serverPort);

    [LibraryImport(Library, EntryPoint = "msc_process_uri", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ProcessUri(nint transaction, string uri, string method, string httpVersion);

    [LibraryImport(Library, EntryPoint = "msc_add_n_request_header")]
    public static partial int AddRequestHeader(
        nint transaction,
        ReadOnlySpan<byte> name,
        nuint nameLength,
        ReadOnlySpan<byte> value,
        nuint valueLength
    );

    [LibraryImport(Library, EntryPoint = "msc_process_request_headers")]
    public static partial int ProcessRequestHeaders(nint transaction);

    [LibraryImport(Library, EntryPoint = "msc_append_request_body")]
    public static partial int AppendRequestBody(nint transaction, ReadOnlySpan<byte> body, nuint length);

    [LibraryImport(Library, EntryPoint = "msc_process_request_body")]
    public static partial int ProcessRequestBody(nint transaction);

    /// <summary>What should become of the request after the phases so far; its texts are the caller's to free.</summary>
    [LibraryImport(Library, EntryPoint = "msc_intervention")]
    public static partial int Intervention(nint transaction, ref Intervention intervention);

    [LibraryImport(Library, EntryPoint = "msc_transaction_cleanup")]
    public static partial void CleanupTransaction(nint transaction);
}

/// <summary>ModSecurityIntervention of <c>intervention.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Intervention
{
    public int Status;
    public int PauseMs;
    public byte* Url;
    public byte* Log;
    public int Disruptive;

    /// <summary>The library has a function for this in C++ only; its texts come from malloc.</summary>
    public void Free()
    {
        NativeMemory.Free(Url);
        NativeMemory.Free(Log);
        Url = null;
        Log = null;
    }
}

/// <summary>The library itself.</summary>
internal sealed class EngineHandle : SafeHandle
{
    public EngineHandle()
        : base(0, ownsHandle: true)
    {
        lock (ModSecurityNative.Globals)
        {
            SetHandle(ModSecurityNative.Init());
        }
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        lock (ModSecurityNative.Globals)
        {
            ModSecurityNative.Cleanup(handle);
        }
        return true;
    }
}

/// <summary>A set of rules; read by all threads at once, and never changed after it was loaded.</summary>
internal sealed class RulesHandle : SafeHandle
{
    public RulesHandle()
        : base(0, ownsHandle: true) => SetHandle(ModSecurityNative.CreateRules());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        lock (ModSecurityNative.Globals)
        {
            _ = ModSecurityNative.CleanupRules(handle);
        }
        return true;
    }
}
