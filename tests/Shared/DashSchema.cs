using System.Diagnostics;
using Xunit;

namespace Sluice.Tests;

/// <summary>Validates MPDs against the corpus' <c>dash-schema/DASH-MPD.xsd</c> with xmllint, without the network: the
/// xlink schema that it imports is replaced, through an XML catalog, by the four attributes that it uses.</summary>
internal sealed class DashSchema : IDisposable
{
    private const string XLink = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
          <xs:attribute name="href" type="xs:anyURI"/>
          <xs:attribute name="actuate" type="xs:string"/>
          <xs:attribute name="type" type="xs:string"/>
          <xs:attribute name="show" type="xs:string"/>
        </xs:schema>
        """;

    private const string Catalog = """
        <catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
          <uri name="http://www.w3.org/XML/2008/06/xlink.xsd" uri="xlink.xsd"/>
          <system systemId="http://www.w3.org/XML/2008/06/xlink.xsd" uri="xlink.xsd"/>
        </catalog>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-xsd-");
    private readonly string _schema;

    private DashSchema(string schema)
    {
        _schema = schema;
        File.WriteAllText(Path.Combine(_folder.FullName, "xlink.xsd"), XLink);
        File.WriteAllText(Path.Combine(_folder.FullName, "catalog.xml"), Catalog);
    }

    /// <summary>Skips the test, or fails it in CI, when there is no corpus or no xmllint.</summary>
    public static DashSchema Require()
    {
        var schema = Path.Combine(RepositoryRoot.Corpus("dash-schema"), "DASH-MPD.xsd");
        Tool.Require("xmllint");
        return new DashSchema(schema);
    }

    /// <summary>What xmllint finds wrong with all of the MPDs; empty when all are valid.</summary>
    public string Errors(params string[] mpds)
    {
        var start = new ProcessStartInfo("xmllint")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["XML_CATALOG_FILES"] = "catalog.xml";
        foreach (var argument in new[] { "--nonet", "--noout", "--schema", _schema })
        {
            start.ArgumentList.Add(argument);
        }

        for (var i = 0; i < mpds.Length; i++)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, $"{i}.mpd"), mpds[i]);
            start.ArgumentList.Add($"{i}.mpd");
        }

        using var process = Process.Start(start)!;
        var lines = process.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        var errors = string.Join('\n', lines.Where(static l => !l.EndsWith(".mpd validates", StringComparison.Ordinal)));
        return process.ExitCode == 0 ? errors : $"exit code {process.ExitCode}\n{errors}";
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
