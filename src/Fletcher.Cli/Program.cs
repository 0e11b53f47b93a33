using System.Text;
using Fletcher.Cli;

// Without the mark at the beginning that some encodings write.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandLine.RunAsync(args).ConfigureAwait(false);
