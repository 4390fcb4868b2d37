# Asks of our fits what calls.R lists, beside the fits that they stand for, and says what is the same, what differs and what stops.
#
#   Rscript battery.R [PACKAGE...]        of all packages that are installed, or of those named
#
# Ends with status 1 where something differs, or stops, that expected.R does not account for. A call in which the fit that ours stands
# for stops too is not counted.

compat_files <- c("calls.R", "fits.R", "compare.R", "expected.R")

run_battery <- function(packages = NULL, patience = 60) {
  list2env(model_data, globalenv())
  suppressPackageStartupMessages(for (name in c("glmpp", "MASS", "nnet")) library(name, character.only = TRUE))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  tables <- lapply(names(models), function(name) {
    calls <- calls_of_model(name)
    calls <- calls[vapply(names(calls), function(p) (is.null(packages) || p %in% packages) && is_installed(p), NA)]
    here <- Filter(function(door) (doors[[door]]$stands_for == "glm") == (name != "categories"), names(doors))
    standards <- unique(vapply(doors[here], `[[`, "", "stands_for"))
    do.call(rbind, lapply(standards, function(standard) {
      by <- Filter(function(door) doors[[door]]$stands_for == standard, here)
      compare_doors(name, standard, by, calls, patience)
    }))
  })
  table <- do.call(rbind, tables)
  if (!is.null(table)) with_reasons(table)
}

is_installed <- function(package) nzchar(system.file(package = package))

calls_of_model <- function(name) {
  if (name == "categories") return(calls_of_categories)
  more <- switch(name, logistic = calls_of_binomial, counts = calls_of_counts)
  packages <- unique(c(names(calls_of_any), names(more)))
  lapply(stats::setNames(nm = packages), function(p) c(calls_of_any[[p]], more[[p]]))
}

# One row for each call and door; every call is made once of the standard.
compare_doors <- function(name, standard, by, calls, patience) {
  theirs <- fits_of(models[[name]], references[[standard]])
  fits <- lapply(stats::setNames(nm = by), function(door) fits_of(models[[name]], doors[[door]]$make))
  rows <- list()
  for (package in names(calls)) for (k in seq_along(calls[[package]])) {
    call <- calls[[package]][[k]]
    label <- names(calls[[package]])[k]
    if (is.null(label) || !nzchar(label)) label <- deparse1(call)
    expected <- answer(call, theirs, patience)
    for (door in by) {
      ours <- if (!expected$failed) answer(call, fits[[door]], patience)
      outcome <- judge(ours, expected, tolerance_of(package, label, standard))
      rows <- c(rows, list(data.frame(package, call = label, model = name, door, t(outcome))))
    }
  }
  do.call(rbind, rows)
}

answer <- function(call, fits, patience) {
  warned <- character()
  set.seed(1)
  utils::capture.output(value <- tryCatch(
    withCallingHandlers(
      within_seconds(eval(call, fits), patience),
      warning = function(w) {
        warned <<- c(warned, conditionMessage(w))
        invokeRestart("muffleWarning")
      },
      message = function(m) invokeRestart("muffleMessage")
    ),
    error = function(e) e
  ))
  list(value = value, failed = inherits(value, "error"), warned = unique(warned))
}

within_seconds <- function(expression, seconds) {
  setTimeLimit(elapsed = seconds, transient = TRUE)
  on.exit(setTimeLimit())
  expression
}

# Standards by nnet and MASS have their Hessians by differences.
tolerance_of <- function(package, label, standard) {
  hit <- vapply(tolerances, function(case) (is.null(case$package) || package == case$package) && grepl(case$call, label), NA)
  max(1e-5, if (standard != "glm") 1e-4, vapply(tolerances[hit], `[[`, 0, "tolerance"))
}

judge <- function(ours, expected, tolerance) {
  if (is.null(ours)) return(c(outcome = "not counted", detail = first_line(conditionMessage(expected$value))))
  if (ours$failed) return(c(outcome = "error", detail = first_line(conditionMessage(ours$value))))
  gap <- difference(ours$value, expected$value, tolerance)
  more <- if (length(ours$warned) > length(expected$warned)) paste("warning:", setdiff(ours$warned, expected$warned)[1])
  detail <- c(gap, more)[1]
  if (is.null(detail) || is.na(detail)) c(outcome = "same", detail = "") else c(outcome = "differs", detail = first_line(detail))
}

first_line <- function(text) substr(gsub("[[:space:]]+", " ", text), 1, 150)

# expected.R says for which calls a difference is as it should be.
with_reasons <- function(table) {
  table$reason <- ""
  for (case in rev(expected)) {
    hit <- table$package %in% case$package & grepl(case$call, table$call, perl = TRUE) & table$door %in% case$door
    table$reason[hit & table$outcome %in% c("differs", if (isTRUE(case$stops)) "error")] <- case$reason
  }
  table
}

counts_of <- function(table) {
  outcome <- ifelse(nzchar(table$reason), "as expected", table$outcome)
  outcome <- factor(outcome, c("same", "as expected", "differs", "error", "not counted"))
  stats::addmargins(table(factor(table$door, names(doors)), outcome), 1)
}

print_battery <- function(table) {
  shown <- table[!table$outcome %in% c("same", "not counted"), ]
  for (package in unique(shown$package)) {
    cat("\n", package, " ", format(utils::packageVersion(package)), "\n", sep = "")
    part <- shown[shown$package == package, ]
    why <- ifelse(nzchar(part$reason), paste0("as expected: ", part$reason), paste0(part$outcome, ": ", part$detail))
    lines <- sprintf("  %s, %s: %s", part$call, part$door, why)
    cat(unique(strwrap(lines, 130, exdent = 6, simplify = TRUE)), sep = "\n")
  }
  cat("\nCalls of", length(unique(table$package)), "packages\n")
  print(counts_of(table))
}

unexplained <- function(table) table[table$outcome %in% c("differs", "error") & !nzchar(table$reason), ]

if (sys.nframe() == 0L && any(grepl("^--file=.*battery", commandArgs()))) {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  for (name in compat_files) source(file.path(dirname(file), name))
  packages <- commandArgs(trailingOnly = TRUE)
  if (!all(vapply(c("MASS", "nnet"), is_installed, NA))) {
    cat("MASS and nnet, whose fits ours are held against, are not installed.\n")
    quit(status = 0L)
  }
  table <- run_battery(if (length(packages)) packages)
  if (is.null(table)) {
    cat("None of these packages is installed.\n")
    quit(status = 0L)
  }
  print_battery(table)
  quit(status = as.integer(nrow(unexplained(table)) > 0))
}
