# Builds the vignettes with the package that is installed, into a folder as inst/doc is to be.
#
#   Rscript .ci/pages.R FROM INTO
#
# R CMD build would install the package for it once more. One that can't be built is told and left out; status 1 then.

build_pages <- function(from, into) {
  dir.create(into, recursive = TRUE, showWarnings = FALSE)
  # A page's code is written beside the page first.
  file.copy(from, tempdir(), recursive = TRUE)
  built <- vapply(list.files(file.path(tempdir(), basename(from)), "[.]Rmd$", full.names = TRUE), build_page, NA, into = into)
  all(built)
}

# In an R of its own: no page sees what another one has loaded.
build_page <- function(file, into) {
  code <- bquote(tools::buildVignette(.(file), dir = .(into), engine = "knitr::rmarkdown"))
  script <- tempfile(fileext = ".R")
  on.exit(unlink(script))
  writeLines(deparse(code), script)
  took <- system.time(status <- system2(file.path(R.home("bin"), "Rscript"), shQuote(script)))[["elapsed"]]
  if (status == 0L) file.copy(file, into, overwrite = TRUE)
  cat(sprintf("%s: %s (%.0f s)\n", basename(file), if (status == 0L) "built" else "failed", took))
  status == 0L
}

folders <- commandArgs(trailingOnly = TRUE)
quit(save = "no", status = 1L - build_pages(folders[1L], folders[2L]))
