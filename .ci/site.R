# Builds the site of the sources in a folder, with the package that is installed and without the network.
#
#   Rscript .ci/site.R FROM INTO
#
# Fails where _pkgdown.yml leaves out a topic or an article. Writes into FROM too: a copy.

folders <- commandArgs(trailingOnly = TRUE)
dir.create(folders[2L], recursive = TRUE, showWarnings = FALSE)
folders <- normalizePath(folders)
options(pkgdown.internet = FALSE, width = 100)
# downlit would look up packages that are not installed in the list of CRAN, and stop where it can't be reached.
utils::assignInNamespace("CRAN_urls", function() data.frame(Package = character(), URL = character()), "downlit")

package <- pkgdown::as_pkgdown(folders[1L], override = list(destination = folders[2L]))
pkgdown::check_pkgdown(package)
pkgdown::build_site(package, preview = FALSE, install = FALSE, new_process = FALSE, devel = FALSE)
cat("The site is in ", file.path(folders[2L], "index.html"), "\n", sep = "")
