# What is big is estimated before it is built: better an error that says what to do than a dead session.

# Small requests are not worth a look at the system.
goes_unnoticed <- function(bytes) bytes < 2^28 && is.null(getOption("glmpp.memory"))

# `bytes` for `what`.
check_memory <- function(bytes, what, ...) {
  if (goes_unnoticed(bytes)) return(invisible())
  free <- free_memory()
  if (bytes <= free) return(invisible())
  stop_glmpp("memory", sprintf("cannot allocate %s: not tried.", what),
             x = sprintf("It takes about %s; %s %s.", bytes_text(bytes), bytes_text(free),
                         if (is.null(getOption("glmpp.memory"))) "are free" else "are allowed by `options(glmpp.memory = )`"), ...)
}

free_memory <- function() {
  limit <- getOption("glmpp.memory")
  if (is.null(limit)) return(available_memory())
  check_positive(limit, "glmpp.memory")
  limit
}

# Symmetric p x p matrices: information, root, and what becomes of them in R. Measured: five at a time. Where the largest factor is
# eliminated, what is left.
check_information_memory <- function(design, schema, settings) {
  p <- as.double(design$coefficients)
  dense <- 6 * 8 * p^2
  if (p < fewest_to_eliminate() && goes_unnoticed(dense)) return(invisible())
  what <- sprintf("the information matrix of %s", plural(p, "coefficient"))
  size <- elimination_of(design, settings)
  if (is.null(size)) {
    reason <- if (p >= fewest_to_eliminate()) needs_all_elements(settings)
    possible <- if (!is.null(reason)) eliminable_impl(design)
    check_memory(dense, what, x = widest_variable(schema),
                 x = if (!is.null(reason)) sprintf("%s reads all its elements.", reason),
                 i = if (isTRUE(possible[["inner"]] > p / 2)) {
                   sprintf("Without %s it takes about %s.", reason, bytes_text(bordered_bytes(possible)))
                 } else "Merge rare levels, or leave out what makes so many columns.",
                 i = if (is.null(reason)) contrast_remedy(schema))
  } else {
    bytes <- bordered_bytes(size)
    # Where levels meet few others less is kept, which takes a look at the rows.
    if (bytes > free_memory() && size[["entries"]] < size[["border"]]^2) {
      bytes <- bordered_bytes(size, complement_elements_impl(replace(design, "structure", bordered_structure())))
    }
    check_memory(bytes, sprintf("%s, %s of them eliminated", what, format(size[["inner"]], big.mark = ",")),
                 x = sprintf("%s are left.", plural(size[["border"]], "coefficient")),
                 i = "Make the levels of the smaller factors fewer: the largest factor costs little.")
  }
}

# A level has a column of its own by treatment contrasts alone.
contrast_remedy <- function(schema) {
  levels <- vapply(schema$variables, function(v) length(v$levels), 1L)
  if (!length(levels) || max(levels) < 100) return(NULL)
  widest <- schema$variables[[which.max(levels)]]
  if (!is.character(widest$contrast) || widest$contrast %in% c("contr.treatment", "contr.SAS")) return(NULL)
  sprintf("Its contrasts (%s) mix the levels: by `absorb(%s)`, or `contrasts = list(%s = \"contr.treatment\")`, they are eliminated, which takes little.",
          widest$contrast, widest$name, widest$name)
}

widest_variable <- function(schema) {
  levels <- vapply(schema$variables, function(v) length(v$levels), 1L)
  if (length(levels) && max(levels) > 2) {
    widest <- schema$variables[[which.max(levels)]]
    sprintf("`%s` has %s.", widest$name, plural(length(widest$levels), "level"))
  }
}

# The n x p design that a fit never forms, for who asks for it all the same.
check_expanded_memory <- function(rows, columns, what, copies = 1) {
  check_memory(8 * as.double(rows) * columns * copies, sprintf("%s (%s of %s)", what, plural(rows, "row"), plural(columns, "column")),
               i = "glmpp() itself reads factors as codes and takes sparse matrices by glmpp_fit(): leave it out.")
}

# The design of a fit from its blocks, each row times its factor, where there are any: the numbers and the names of model.matrix(),
# which takes longer.
expanded_blocks <- function(object, what, factors = NULL) {
  fit <- unclass(object)
  check_expanded_memory(length(fit$residuals), length(fit$coefficients), what, 3)
  x <- expand_design_impl(fit_design(object), factors, fit$solver$threads)
  dimnames(x) <- list(names(fit$residuals), names(fit$coefficients))
  x
}

expanded_matrix <- function(object, what, copies = 3) {
  check_expanded_memory(length(.subset2(object, "residuals")), length(.subset2(object, "coefficients")), what, copies)
  stats::model.matrix(compact(object))
}

# Free memory in bytes by the system and the container's limit; Inf where neither tells.
available_memory <- function() {
  read_number <- function(file) {
    text <- if (file.exists(file)) tryCatch(readLines(file, 1L, warn = FALSE), error = function(e) NULL)
    value <- if (length(text)) suppressWarnings(as.numeric(text))
    if (length(value) && is.finite(value)) value
  }
  lines <- if (file.exists("/proc/meminfo")) readLines("/proc/meminfo", warn = FALSE)
  system <- as.numeric(sub("^MemAvailable: *([0-9]+) kB$", "\\1", grep("^MemAvailable:", lines, value = TRUE))) * 1024
  limit <- read_number("/sys/fs/cgroup/memory.max")
  used <- read_number("/sys/fs/cgroup/memory.current")
  container <- if (!is.null(limit) && !is.null(used)) max(limit - used, 0)
  min(system, container, Inf)
}

bytes_text <- function(bytes) {
  power <- min(max(floor(log(max(bytes, 1), 1024)), 0), 5)
  paste(signif(bytes / 1024^power, 3), c("bytes", "KB", "MB", "GB", "TB", "PB")[power + 1])
}
