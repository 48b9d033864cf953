/// Downloads: a URL goes in, a stored object comes out.
///
/// [Downloads] makes the jobs; a [DownloadRunner] does them. A plain file streams straight into its storage
/// ([Transfer], over several connections where the server allows it); what a page shows is fetched by yt-dlp
/// ([Media]). Every address is checked by [dev.sluice.core.Reachable] when it is connected to.
@NullMarked
package dev.sluice.download;

import org.jspecify.annotations.NullMarked;
