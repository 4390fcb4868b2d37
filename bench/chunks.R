# Logistic regression from files larger than the memory that R may have, beside biglm::bigglm():
#
#   Rscript bench/chunks.R [ROWS [PEER_ROWS]]
#
# Writes CSV files (and Parquet, where nanoparquet is installed) of ROWS rows (2e7) and 10 columns, fits them in a process
# with one gigabyte of address space, R included, and prints time and peak memory; then both packages on the first
# PEER_ROWS rows (2e6): bigglm() reads by the same chunks as glmpp, and by read.csv() as its documentation does.

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))

megabytes_allowed <- 1024
rows_per_file <- 1e6
levels_of <- list(region = sprintf("region %d", 1:8), kind = c("card", "cash", "debit", "voucher"))
model <- default ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + region + kind

write_files <- function(folder, rows) {
  dir.create(folder, showWarnings = FALSE)
  set.seed(1)
  for (k in seq_len(ceiling(rows / rows_per_file))) {
    data <- make_rows(min(rows_per_file, rows))
    data.table::fwrite(data, file.path(folder, sprintf("part%03d.csv", k)))
    if (requireNamespace("nanoparquet", quietly = TRUE)) {
      nanoparquet::write_parquet(data, file.path(folder, sprintf("part%03d.parquet", k)))
    }
  }
}

make_rows <- function(count) {
  x <- as.data.frame(round(matrix(stats::rnorm(count * 7), count), 4))
  names(x) <- paste0("x", 1:7)
  x$region <- sample(levels_of$region, count, TRUE)
  x$kind <- sample(levels_of$kind, count, TRUE)
  eta <- -1 + 0.3 * x$x1 - 0.2 * x$x2 + 0.1 * x$x3 * (x$kind == "cash")
  cbind(default = as.integer(stats::runif(count) < stats::plogis(eta)), x)
}

# ---- In a process of its own: Rscript bench/chunks.R fit FITTER FOLDER FILES ----

fitters <- list(
  csv = function(files) glmpp::glmpp(model, stats::binomial, data = glmpp::csv_chunks(files("csv"))),
  csv_uncached = function(files) glmpp::glmpp(model, stats::binomial, data = glmpp::csv_chunks(files("csv"), cache = FALSE)),
  parquet = function(files) glmpp::glmpp(model, stats::binomial, data = glmpp::parquet_chunks(files("parquet"))),
  bigglm_same_chunks = function(files) big_fit(same_chunks(files("csv"))),
  bigglm_read_csv = function(files) big_fit(read_csv_chunks(files("csv")))
)

big_fit <- function(next_chunk) biglm::bigglm(model, next_chunk, stats::binomial(), maxit = 25)

with_levels <- function(part) {
  for (name in names(levels_of)) part[[name]] <- factor(part[[name]], levels_of[[name]])
  part
}

same_chunks <- function(files) {
  source <- glmpp::csv_chunks(files)
  reader <- NULL
  function(reset = FALSE) {
    if (reset) {
      if (!is.null(reader)) reader$close()
      reader <<- glmpp:::open_reader(source, all.vars(model))
      return(NULL)
    }
    part <- reader$next_part()
    if (!is.null(part)) with_levels(part)
  }
}

read_csv_chunks <- function(files) {
  file <- 0
  connection <- NULL
  names <- names(utils::read.csv(files[1], nrows = 1))
  function(reset = FALSE) {
    if (reset) {
      file <<- 0
      if (!is.null(connection)) close(connection)
      connection <<- NULL
      return(NULL)
    }
    repeat {
      if (is.null(connection)) {
        if (file == length(files)) return(NULL)
        file <<- file + 1
        connection <<- base::file(files[file], "r")
        readLines(connection, 1)
      }
      part <- tryCatch(utils::read.csv(connection, header = FALSE, nrows = 1e5, col.names = names), error = function(e) NULL)
      if (!is.null(part) && nrow(part)) return(with_levels(part))
      close(connection)
      connection <<- NULL
    }
  }
}

fit_here <- function(fitter, folder, count) {
  files <- function(type) utils::head(list.files(folder, paste0("[.]", type, "$"), full.names = TRUE), as.numeric(count))
  time <- system.time(fit <- fitters[[fitter]](files))
  coefficients <- stats::coef(fit)
  errors <- sqrt(diag(stats::vcov(fit)))
  passes <- if (inherits(fit, "glmpp")) fit$solver$passes + 1 else fit$iterations
  saveRDS(list(seconds = time[["elapsed"]], processor = sum(time[1:2]), coefficients = coefficients, errors = errors,
               passes = passes, resident = process_megabytes("VmHWM"), address = process_megabytes("VmPeak")),
          file.path(folder, paste0(fitter, ".rds")))
}

process_megabytes <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

# ---- In this process ----

# One allocation arena: each further one takes 64 MB of address space.
run_fit <- function(fitter, folder, count, limited) {
  unlink(file.path(folder, paste0(fitter, ".rds")))
  limit <- if (limited) sprintf("ulimit -v %d;", megabytes_allowed * 1024) else ""
  command <- sprintf("%s MALLOC_ARENA_MAX=1 exec %s %s fit %s %s %d", limit, shQuote(file.path(R.home("bin"), "Rscript")),
                     shQuote(file.path(bench_folder, "chunks.R")), fitter, shQuote(folder), count)
  status <- system(command)
  file <- file.path(folder, paste0(fitter, ".rds"))
  if (status != 0 || !file.exists(file)) return(NULL)
  readRDS(file)
}

print_run <- function(label, run) {
  if (is.null(run)) return(cat(sprintf("%-34s failed\n", label)))
  line <- "%-34s %7.1f s, of the processor %7.1f s  %2d passes  peak %4.0f MB resident, %4.0f MB of addresses\n"
  cat(sprintf(line, label, run$seconds, run$processor, run$passes, run$resident, run$address))
}

difference <- function(a, b) {
  scale <- pmax(abs(b$coefficients), b$errors)
  c(coefficients = max(abs(a$coefficients - b$coefficients) / scale), errors = max(abs(a$errors / b$errors - 1)))
}

compare <- function(rows, peer_rows) {
  folder <- tempfile("chunks")
  on.exit(unlink(folder, recursive = TRUE))
  write_files(folder, rows)
  types <- c("csv", "csv_uncached", if (length(list.files(folder, "parquet$"))) "parquet")
  all_files <- length(list.files(folder, "csv$"))
  size <- sum(file.size(list.files(folder, "csv$", full.names = TRUE))) / 2^20
  cat(sprintf("%g rows, 10 columns, %.0f MB of CSV, %d MB of addresses allowed:\n", rows, size, megabytes_allowed))
  for (type in types) print_run(paste("glmpp,", type), run_fit(type, folder, all_files, TRUE))
  cat(sprintf("\n%g rows, no limit:\n", peer_rows))
  runs <- lapply(c(types, "bigglm_same_chunks", "bigglm_read_csv"), function(fitter) {
    run <- run_fit(fitter, folder, ceiling(peer_rows / rows_per_file), FALSE)
    print_run(fitter, run)
    run
  })
  names(runs) <- c(types, "bigglm_same_chunks", "bigglm_read_csv")
  for (own in types) {
    for (peer in c("bigglm_same_chunks", "bigglm_read_csv")) {
      gap <- difference(runs[[own]], runs[[peer]])
      ratio <- function(field) runs[[peer]][[field]] / runs[[own]][[field]]
      cat(sprintf("glmpp (%s) is %.1f times as fast as %s (processor time: %.1f)", own, ratio("seconds"), peer,
                  ratio("processor")))
      cat(sprintf("; largest differences %.1e (coefficients), %.1e (standard errors)\n", gap[["coefficients"]],
                  gap[["errors"]]))
    }
  }
}

arguments <- commandArgs(trailingOnly = TRUE)
if (identical(arguments[1], "fit")) {
  fit_here(arguments[2], arguments[3], arguments[4])
} else {
  sizes <- as.numeric(arguments)
  compare(if (length(sizes) > 0) sizes[1] else 2e7, if (length(sizes) > 1) sizes[2] else 2e6)
}
