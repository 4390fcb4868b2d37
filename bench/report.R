# Results as a table, a CSV file and lines on the console.

# One line of the table for the workload, and one for each of its further requirements.
table_lines <- function(workload, results) {
  main <- data.frame(
    workload = sprintf("%s: %s", workload$name, workload$title),
    requirement = requirement_text(workload$requirements, results),
    glm = ratio_text(seconds_of(results, "glm") / seconds_of(results, "glmpp")),
    formula_peer = peer_text(results, results$interface == "formula"),
    matrix_peer = peer_text(results, results$interface == "matrix" & results$standard_errors),
    difference = difference_text(results),
    met = met_text(workload$requirements, results)
  )
  further <- lapply(names(workload$further), function(name) {
    line <- workload$further[[name]]
    data.frame(workload = sprintf("%s: %s", name, line$title),
               requirement = requirement_text(line$requirements, results), glm = "", formula_peer = "",
               matrix_peer = "", difference = "", met = met_text(line$requirements, results))
  })
  do.call(rbind, c(list(main), further))
}

requirement_text <- function(requirements, results) {
  paste(vapply(requirements, function(r) sprintf("%s (%s)", r$text, r$measure(results)$figure), ""), collapse = "; ")
}

met_text <- function(requirements, results) {
  met <- vapply(requirements, function(r) r$measure(results)$met, NA)
  if (any(!met, na.rm = TRUE)) "no" else if (anyNA(met)) "not measured" else "yes"
}

peer_text <- function(results, eligible) {
  peer <- best_peer(results, eligible)
  if (is.na(peer$seconds)) return("")
  paste(c(peer$fitter, ratio_text(peer$seconds / seconds_of(results, "glmpp"))), collapse = ": ")
}

# Of coefficients and standard errors.
difference_text <- function(results) {
  differences <- c(value_of(results, "glmpp", "coefficient_difference"),
                   value_of(results, "glmpp", "standard_error_difference"))
  if (all(is.na(differences))) "" else formatC(max(differences, na.rm = TRUE), digits = 1, format = "e")
}

ratio_text <- function(ratio) if (is.na(ratio)) "" else paste0(as_figure(ratio), "x")

markdown_table <- function(lines) {
  headings <- c("workload", "must (measured)", "time of glm() / glmpp's", "fastest formula peer / glmpp",
                "fastest matrix peer with SE / glmpp", "largest difference from the converged glm", "met?")
  rows <- apply(lines, 1, function(cells) paste("|", paste(cells, collapse = " | "), "|"))
  c(paste("|", paste(headings, collapse = " | "), "|"), paste0("|", strrep("---|", length(headings))), rows)
}

print_results <- function(workload, results) {
  cat(sprintf("\n%s: %s\n", workload$name, workload$title))
  for (i in order(results$seconds)) {
    row <- results[i, ]
    cat(sprintf("  %-28s %-8s %10s  x%d  %8s  %s  %s\n", row$fitter, row$interface, seconds_text(row$seconds),
                row$repeats, ratio_text(row$times_glm),
                formatC(row$coefficient_difference, digits = 1, format = "e"), row$note))
  }
}

seconds_text <- function(seconds) {
  if (is.na(seconds)) "" else if (seconds < 1) sprintf("%.3g ms", 1000 * seconds) else sprintf("%.3g s", seconds)
}

machine_line <- function() {
  sprintf("%s, %d cores; R %s, BLAS %s", cpu_model(), parallel::detectCores(), getRversion(),
          basename(extSoftVersion()[["BLAS"]]))
}

cpu_model <- function() {
  known <- if (file.exists("/proc/cpuinfo")) grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
  if (length(known)) sub(".*: *", "", known[1]) else Sys.info()[["machine"]]
}

peers_line <- function(adapters) {
  packages <- unique(vapply(adapters, `[[`, "", "package"))
  packages <- packages[vapply(packages, function(name) nzchar(system.file(package = name)), NA)]
  paste(packages, vapply(packages, function(name) as.character(utils::packageVersion(name)), ""), collapse = ", ")
}

write_results <- function(results, adapters) {
  numbers <- vapply(results, is.numeric, NA)
  results[numbers] <- lapply(results[numbers], signif, 4)
  path <- file.path(bench_folder, "results", "latest")
  dir.create(dirname(path), showWarnings = FALSE)
  header <- paste("#", c(machine_line(), peers_line(adapters)))
  csv <- utils::capture.output(utils::write.csv(results, row.names = FALSE, na = ""))
  writeLines(c(header, csv), paste0(path, ".csv"))
  plot_results(results, paste0(path, ".png"))
}
