# The home of a source that hands out its rows in parts: each part becomes a model frame, then blocks by the
# fixed schema, then sums by a native pass; only one part is in memory.

open_parts_home <- function(source, model) {
  home <- new.env(parent = emptyenv())
  home$source <- source
  model$has_row_numbers <- !isTRUE(model$is_part) && has_row_numbers(source)
  home$model <- model
  home$passes <- 0L
  if (isTRUE(source$cache)) home$cache <- new_cache()
  list(
    traits = list(gives_root = TRUE, gives_start = TRUE, gives_observed = TRUE, gives_bends = TRUE, gives_bias = TRUE,
                  gives_bordered = TRUE),
    outline = function() outline_parts(home),
    look = function(requests) look_at_parts(home, requests, gathers = FALSE),
    begin = function(schema, total) begin_parts(home, schema, total),
    pass = function(question) {
      work <- function(rows) pass_rows(rows, home$model, question)
      if (question$sample) work(home$sample) else fold_rows(home, work, add_sums)
    },
    meat = function(coefficients, cluster = NULL, leverage = NULL) {
      if (is.null(cluster)) fold_rows(home, function(rows) meat_of_rows(rows, home$model, coefficients, leverage), `+`)
      else fold_parts(home, function(part) group_scores(home, part, coefficients, cluster), add_rows_by_name, all.vars(cluster))
    },
    adopt = function(family) adopt_family(home, family),
    search = function(question) fold_rows(home, function(rows) search_rows(rows, home$schema, home$model, question), merge_searches),
    batches = function() batches_of_parts(home),
    close = function() if (!is.null(home$cache)) home$cache$close()
  )
}

# Rows that were made ready for another family are not read again.
adopt_family <- function(home, family) {
  home$model$family <- family
  for (name in intersect(c("ready", "sample", "rows"), ls(home))) {
    if (is.list(home[[name]])) home[[name]]$response$core_family <- core_family(family)
  }
}

# merge(merge(work(part 1), work(part 2)), work(part 3)) and so on.
fold_parts <- function(home, work, merge, further_columns = character()) {
  columns <- if (!is.null(home$model$columns)) union(home$model$columns, further_columns)
  fold(home, function() numbered(open_reader(home$source, columns)), work, merge)
}

# The same over the parts as the core sees them. A part that is alone is made ready once.
fold_rows <- function(home, work, merge) {
  if (!is.null(home$ready)) return(work(home$ready))
  fold(home, function() open_ready(home), function(part) {
    rows <- ready_rows(home, part)
    if (length(home$part_rows) == 1) home$ready <- rows
    work(rows)
  }, merge)
}

fold <- function(home, open, work, merge) {
  home$passes <- home$passes + 1L
  progress <- new_progress(home$passes, home$rows)
  on.exit(progress$done())
  reader <- open()
  on.exit(reader$close(), add = TRUE)
  total <- NULL
  repeat {
    part <- reader$next_part()
    if (is.null(part)) return(total)
    value <- in_part(attr(part, "label"), work(part))
    total <- if (is.null(total)) value else merge(total, value)
    progress$tick(nrow(part))
  }
}

# Parts of the source, or model frames that are cached; either way made ready by ready_rows().
open_ready <- function(home) {
  if (is.null(home$cache)) numbered(open_reader(home$source, home$model$columns)) else home$cache$reader(home$schema$terms)
}

ready_rows <- function(home, part) {
  if (is.null(home$cache)) read_rows(home, part) else frame_rows(home, part)
}

# Errors within a part say which.
in_part <- function(label, value) {
  tryCatch(value, glmpp_error = function(error) {
    error$message <- paste0(error$message, "\ni In ", label, ".")
    stop(error)
  })
}

# What a look at all rows must tell first is asked here; of a part of a cluster, by the master (R/far-cluster.R).
outline_parts <- function(home) {
  for (round in seq_len(most_looks)) {
    outline <- tryCatch(outline_once(home), glmpp_look = identity)
    if (!inherits(outline, "glmpp_look")) return(outline)
    if (isTRUE(home$model$is_part)) return(list(requests = outline$requests, template = outline$template))
    look <- look_at_parts(home, outline$requests, gathers = TRUE)
    home$model <- settle_by_look(home$model, outline$template, outline$requests, look)
  }
  stop_endless_looks()
}

outline_once <- function(home) {
  home$sampler <- new_sampler()
  home[["judged"]] <- home[["probe"]] <- home[["raw"]] <- home[["part_rows"]] <- NULL
  outline <- warn_once(fold_parts(home, function(part) outline_part(home, part),
                                  function(a, b) merge_outlines(a, b, b$label)))
  if (is.null(outline) || outline$kept == 0) {
    if (isTRUE(home$model$is_part)) return(outline %||% new_outline(NULL, NULL, 0, 0, NULL, NULL))
    stop_no_rows_anywhere(outline)
  }
  if (!is.null(home$probe)) home$probe$check()
  home$rows <- outline$rows
  if (!is.null(home$cache) && !home$cache$finish()) drop_cache(home)
  if (isTRUE(home$model$is_part)) return(outline)
  finish_outline(outline, home$model)
}

drop_cache <- function(home) {
  home$cache$close()
  home$cache <- NULL
  warn_glmpp("cache", "The temporary copy of the data found no room on the disk.",
             x = sprintf("It was to be in %s, the folder of tempdir().", tempdir()),
             i = "Every pass reads the data where they are, which takes longer. `cache = FALSE` does so from the start.",
             i = "The environment variable TMPDIR, set before R starts, names another folder.")
}

# Every part may have the same to say.
warn_once <- function(value) {
  seen <- character()
  withCallingHandlers(value, glmpp_warning = function(warning) {
    if (class(warning)[1] %in% seen) invokeRestart("muffleWarning")
    seen <<- c(seen, class(warning)[1])
  })
}

outline_part <- function(home, part) {
  judge_part(home, part)
  model <- home$model
  if (is.null(home$has_checked_call)) {
    check_bars(model$formula, part)
    warn_strata(model$formula)
    check_row_arguments(model$frame_call, part, model$envir)
    home$has_checked_call <- TRUE
  }
  part <- with_raw_levels(part, model$raw_levels)
  full <- part_frame(model, part)
  frame <- apply_na_action(full, model$na_action, model$threads)
  if (!is.null(home$probe)) home$probe$add(part)
  column <- response_column(frame)
  variables <- describe_frame(frame, part, model, attr(part, "label"))
  if (is.factor(.subset2(frame, column))) frame[[column]] <- frame[[column]][, drop = TRUE]
  y <- .subset2(frame, column)
  response <- if (nrow(frame)) outline_response(read_response(frame, model$family, model$start, model$threads, is_part = TRUE), y,
                                                 model$family)
  home$sampler$add(frame)
  if (!is.null(home$cache) && !home$cache$add(frame, attr(part, "label"))) drop_cache(home)
  home$part_rows <- c(home$part_rows, nrow(frame))
  outline <- new_outline(with_units(attr(frame, "terms"), part, model$envir), variables, nrow(full), nrow(frame),
                         attr(frame, "na.counts") %||% structure(numeric(length(frame)), names = names(frame)), response)
  c(outline, list(label = attr(part, "label"), types = types_of(part, model$columns)))
}

response_column <- function(frame) {
  column <- attr(attr(frame, "terms"), "response")
  if (column == 0) stop_glmpp("response", "`formula` must have a response.", i = "Write it as `y ~ x`.")
  column
}

stop_no_rows_anywhere <- function(outline) {
  counts <- outline$missing[outline$missing > 0]
  stop_glmpp("no_rows", "0 rows left to fit.",
             x = if (is.null(outline) || outline$rows == 0) "The data, or `subset`, have no rows.",
             x = if (length(counts)) paste0(comma(sprintf("%s has %g NA", names(counts), counts)), ", of ",
                                            plural(outline$rows, "row"), "."))
}

# The model frame of a part, missing values kept.
part_frame <- function(model, part, terms = NULL) {
  frame_call <- model$frame_call
  if (!is.null(model$row_subset)) {
    frame_call$subset <- chosen_rows(model$row_subset, attr(part, "first_row") %||% 1, nrow(part))
  }
  part <- with_raw_levels(part, model$raw_levels)
  scope <- list2env(list(.glmpp_part = plain_data(part, model$columns %||% ".")), parent = model$envir)
  if (!is.null(terms)) frame_call$formula <- terms
  plain_frame(tryCatch(eval(frame_call, scope), error = function(e) stop_frame(e)))
}

is_same_column <- function(a, b) {
  if (is.numeric(a)) isTRUE(all.equal(as.vector(a), as.vector(b), tolerance = 1e-8))
  else identical(as.character(a), as.character(b))
}

begin_parts <- function(home, schema, total) {
  home$schema <- schema
  frame <- home$sampler$rows(schema, total)
  home$sampler <- NULL
  if (is.null(frame)) return(0)
  home$sample <- frame_rows(home, frame)
  attr(frame, "share")
}

# A part as the core sees it: blocks and response.
read_rows <- function(home, part) {
  frame <- part_frame(home$model, part, home$schema$terms)
  frame_rows(home, apply_na_action(frame, home$model$na_action, home$model$threads))
}

frame_rows <- function(home, frame) {
  frame <- recode_levels(frame, home$schema, "error")
  list(design = design_blocks(home$schema, frame),
       response = suppressWarnings(read_response(frame, home$model$family, home$model$start, home$model$threads, is_part = TRUE),
                                   "glmpp_warning"))
}

pass_rows <- function(rows, model, question) {
  response <- rows$response
  problem <- rows$problem %||% pass_problem(rows$design, response)
  asked <- list(need = union(question$need, total_fields()), at_start = question$at_start, bend = question$bend, bias = question$bias,
                threads = model$threads, as_is = TRUE)
  sums <- ask_core(problem$core, question$coefficients, asked)
  if (!is.null(question$null_mean)) sums$null_deviance <- common_deviance(response, model$family, model, question$null_mean)
  sums
}

total_fields <- function() c("pearson", "least_mean", "most_mean")

# The parts once more and again, for stochastic steps: NULL after the last, then from the first.
batches_of_parts <- function(home) {
  reader <- NULL
  next_part <- function() {
    if (is.null(reader)) reader <<- open_ready(home)
    repeat {
      part <- reader$next_part()
      if (is.null(part)) {
        close()
        return(NULL)
      }
      rows <- in_part(attr(part, "label"), ready_rows(home, part))
      if (rows$design$rows > 0) return(list(design = rows$design, response = core_response(rows$response)))
    }
  }
  close <- function() {
    if (!is.null(reader)) reader$close()
    reader <<- NULL
  }
  tile_rows <- tile_rows_impl(next_part()$design)
  close()
  list(next_part = next_part, tiles = sum(ceiling(home$part_rows / tile_rows)), rows = sum(home$part_rows), close = close)
}

# The sum of x x' r^2, r the residuals of the score (White 1980); with `counts`, each row stands for so many equal ones.
meat_of_rows <- function(rows, model, coefficients, leverage = NULL, counts = NULL) {
  pass <- scored_rows(rows, model, coefficients)
  meat_of_scores(rows$design, pass$working_weights, pass$working_residuals, leverage, counts, model$threads)
}

# The weights of a row that stands for so many equal ones are divided by the root of their number.
meat_of_scores <- function(design, weights, residuals, leverage, counts, threads) {
  if (!is.null(leverage)) {
    of_one <- if (is.null(counts)) weights else weights / sqrt(counts)
    leverage <- c(leverage[c("root", "pivot")], list(weights = of_one), leverage_powers(leverage))
  }
  squared_scores_impl(design, weights, residuals, leverage, threads)
}

# A squared score is divided by a power of 1 - h; a row that its own coefficient fits adds nothing.
leverage_powers <- function(leverage) {
  powers <- switch(leverage$type, HC2 = list(1, numeric()), HC3 = list(2, numeric()), HC4 = list(0, 4), HC4m = list(0, c(1, 1.5)))
  list(power = powers[[1]], relative = leverage$rows / leverage$rank, most = powers[[2]])
}

# Their product is the residual of the score; a working residual may be infinite where the weight is zero.
scored_rows <- function(rows, model, coefficients) {
  problem <- pass_problem(rows$design, rows$response)
  ask_core(problem$core, coefficients, list(need = character(), rows = TRUE, threads = model$threads))[c("working_weights", "working_residuals")]
}

# The score of each cluster of a part: a matrix, one named row per cluster. With `counts`, each row stands for so
# many equal ones.
group_scores <- function(home, part, coefficients, cluster, counts = NULL) {
  model <- home$model
  model$frame_call$cluster <- by_all_digits(cluster[[2]])
  full <- part_frame(model, part, home$schema$terms)
  group <- full[["(cluster)"]]
  full[["(cluster)"]] <- NULL
  refuse_cluster_of_parts(cluster, part, environment(model$formula))
  frame <- apply_na_action(full, model$na_action, model$threads)
  if (length(attr(frame, "na.action"))) group <- group[-attr(frame, "na.action")]
  check_cluster(group, cluster)
  rows <- frame_rows(home, frame)
  if (!is.null(counts)) rows$response$weights <- full_weights(rows$response) * counts[as.integer(attr(frame, "row.names"))]
  scores_of_groups(rows, model, coefficients, group)
}

# A matrix with the sums of the scores, one named row per group.
scores_of_groups <- function(rows, model, coefficients, group) {
  pass <- scored_rows(rows, model, coefficients)
  sums <- sums_of_groups(rows$design, pass$working_weights, pass$working_residuals, group, model$threads)
  weights <- rows$response$weights
  if (is.null(weights)) return(sums)
  # Rows without weight make no cluster.
  sums[match(unique(group[weights > 0]), unique(group)), , drop = FALSE]
}

sums_of_groups <- function(design, weights, residuals, group, threads) {
  codes <- group_codes(group)
  check_memory(2 * 8 * length(codes$labels) * as.double(design$coefficients),
               sprintf("the scores of %s in %s", plural(length(codes$labels), "cluster"), plural(design$coefficients, "coefficient")),
               i = "Ask for some coefficients of a fit in memory: `vcov(fit, which = , cluster = )`.")
  sums <- group_scores_impl(design, weights, residuals, codes$code, length(codes$labels), threads)
  rownames(sums) <- codes$labels
  sums
}

# With labels that tell them apart in all parts: numbers by all their digits.
group_codes <- function(group) {
  known <- unique(group)
  labels <- if (is.double(known) && !is.object(known)) sprintf("%.17g", known) else as.character(known)
  list(code = match(group, known), labels = labels)
}

# paste(), by which clusters in several ways are made, has 15 digits of a number.
by_all_digits <- function(expression) {
  if (!is_call_of(expression, "paste") || !identical(expression$sep, "\r")) return(expression)
  expression[[1]] <- function(..., sep) {
    labels <- lapply(list(...), function(values) if (is.double(values) && !is.object(values)) sprintf("%.17g", values) else values)
    do.call(paste, c(labels, sep = sep))
  }
  expression
}

check_cluster <- function(group, cluster, argument = "cluster") {
  if (!anyNA(group)) return(invisible())
  stop_glmpp("cluster", sprintf("`%s` must not be missing: `%s` is.", argument, deparse1(cluster[[2]])),
             x = sprintf("%s: %s.", plural(sum(is.na(group)), "row"), rows_text(which(is.na(group)))),
             i = "Leave such rows out by `subset`, or give them a cluster of their own.")
}

add_rows_by_name <- function(a, b) {
  new <- setdiff(rownames(b), rownames(a))
  known <- intersect(rownames(b), rownames(a))
  a[known, ] <- a[known, ] + b[known, ]
  rbind(a, b[new, , drop = FALSE])
}
