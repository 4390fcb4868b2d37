# One dsyrk of a matrix of the design's size by OpenBLAS with one thread: the floor of a fit with
# standard errors. The library is that of the environment variable OPENBLAS, else the one that is installed.
openblas_library <- function() {
  folders <- Sys.glob(c("/usr/lib/*/openblas-*", "/usr/lib*", "/usr/lib*/*", "/opt/homebrew/opt/openblas/lib"))
  found <- c(Sys.getenv("OPENBLAS"), Sys.glob(file.path(folders, c("libopenblas.so.0", "libopenblas.dylib"))))
  utils::head(found[file.exists(found)], 1)
}

# The compiled program, or nothing where there is no compiler or no OpenBLAS.
dsyrk_program <- local({
  program <- NULL
  function() {
    if (is.null(program)) program <<- if (length(openblas_library())) compile_dsyrk() else character()
    program
  }
})

compile_dsyrk <- function() {
  program <- tempfile("dsyrk")
  status <- suppressWarnings(system2("cc", c("-O2", "-o", program, file.path(bench_folder, "dsyrk.c"), "-ldl"),
                                     stdout = FALSE, stderr = FALSE))
  if (status == 0) program else character()
}

run_dsyrk <- function(workload) {
  size <- format(c(workload$rows, coefficient_count(workload)), scientific = FALSE, trim = TRUE)
  system2(dsyrk_program(), c(shQuote(openblas_library()), size), stdout = TRUE, env = "OPENBLAS_NUM_THREADS=1")
}

list(
  new_adapter("OpenBLAS dsyrk", package = "OpenBLAS", interface = "kernel", standard_errors = FALSE,
    fit = function(workload) structure(list(), seconds = as.numeric(run_dsyrk(workload))),
    estimates = function(fit) list(), available = function() length(dsyrk_program()) > 0)
)
