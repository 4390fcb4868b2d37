#' Rows on the nodes of a cluster
#'
#' Each node of a cluster holds a part of the rows: `data = on_cluster(cl, expr)` in [glmpp()]. The rows never
#' travel: a pass sends the coefficients to each node and receives its sums, so that the cost of a pass is that of
#' the slowest node. The result is that of all rows on one machine.
#'
#' Formulas may say what [far_terms] lists under the first two points: what sums, least and greatest values and levels of the parts can
#' answer. Medians, quantiles, `poly()` and `ns()`, which need a whole column, are refused, and so are row numbers as `subset`.
#' A part may have no rows, and may lack levels,
#' classes of the response and positive weights that others have. The nodes attach \pkg{glmpp}, so that `expr` can name its functions as here.
#'
#' With [sgd()] the nodes step at the same time: each makes an epoch over its part, by a seed of its own, and after each epoch the
#' coefficients are averaged, weighted by rows (Zinkevich et al. 2010).
#'
#' An interrupt (Ctrl-C) ends the fit at once. Nodes of \pkg{parallel} on this machine are told to stop; what nodes elsewhere still say
#' of that fit is thrown away before the next fit on the cluster, and so that fit waits for them. Other calls on such a cluster should
#' wait for a fit too.
#'
#' @param cl A cluster as [parallel::makeCluster()], \pkg{snow} or `mirai::make_cluster()` make them. The nodes load
#'   \pkg{glmpp} from the library paths of this session, else from their own.
#' @param expr An expression, evaluated on each node at the start of a fit: its part of the rows, as a data
#'   frame or as another source, such as [csv_chunks()]. It may use `part`, the number of the part (from
#'   1), and `parts`, how many there are, and what [parallel::clusterExport()] has put on the nodes. It must give the same rows
#'   every time.
#' @param threads Number of threads on each node.
#' @param recover When a node dies, should its part be made anew on another one, by `expr`, and
#'   the fit go on? If not, the fit stops with an error of class `glmpp_error_node`.
#' @param envir Where names in `expr` are looked up first; what is found there is copied to the nodes.
#' @returns An object of class `c("glmpp_cluster", "glmpp_source")` for the argument `data` of [glmpp()].
#' @seealso [far_terms] for what is accepted and what is not.
#' @references Zinkevich, M., Weimer, M., Smola, A. and Li, L. (2010) Parallelized stochastic gradient descent, *Advances in
#'   Neural Information Processing Systems* 23.
#' @examplesIf interactive()
#' cl <- parallel::makeCluster(2)
#' fit <- glmpp(am ~ wt, binomial, data = on_cluster(cl, mtcars[seq(part, 32, by = parts), ]))
#' summary(fit)
#' parallel::stopCluster(cl)
#' @concept out of memory
#' @concept distributed
#' @export
on_cluster <- function(cl, expr, recover = FALSE, threads = 1, envir = parent.frame()) {
  if (!inherits(cl, "cluster") || !length(cl)) {
    stop_glmpp("argument", "`cl` must be a cluster, as parallel::makeCluster() makes.", x = sprintf("It is %s.", describe_type(cl)))
  }
  check_flag(recover, "recover")
  check_threads(threads)
  expr <- substitute(expr)
  structure(list(cluster = cl, expr = expr, scope = carried_scope(list(expr), envir, c("part", "parts")), recover = recover,
                 threads = threads),
            class = c("glmpp_cluster", "glmpp_source"))
}

#' @export
print.glmpp_cluster <- function(x, ...) {
  cat(sprintf("Rows on %s, each part: %s\n", plural(length(x$cluster), "node"), paste(deparse(x$expr), collapse = "\n")))
  invisible(x)
}

# An environment with copies of what expressions refer to, for other processes: variables and functions that are found
# between `envir` and the search path. Nothing else of `envir` travels.
carried_scope <- function(expressions, envir, except = character()) {
  names <- setdiff(unique(unlist(lapply(expressions, all.names))), except)
  scope <- new.env(parent = globalenv())
  for (name in names) {
    home <- find_frame(name, envir)
    if (!is.null(home)) assign(name, get(name, envir = home), envir = scope)
  }
  scope
}

find_frame <- function(name, envir) {
  while (!identical(envir, emptyenv())) {
    if (identical(envir, topenv(envir)) && !identical(envir, globalenv())) return(NULL)
    if (exists(name, envir = envir, inherits = FALSE)) return(envir)
    if (identical(envir, globalenv())) return(NULL)
    envir <- parent.env(envir)
  }
}

#' @export
open_home.glmpp_cluster <- function(source, model) {
  count <- length(source$cluster)
  home <- list2env(list(source = source, model = portable_model(model, source$threads), id = new_home_id(),
                        is_alive = rep(TRUE, count), place = seq_len(count), outlines = vector("list", count)),
                   parent = emptyenv())
  load_on_nodes(home)
  list(
    traits = list(gives_root = TRUE, gives_start = TRUE, gives_observed = TRUE, gives_bends = TRUE, gives_bias = TRUE,
                  gives_bordered = TRUE),
    outline = function() {
      home$outlines <- open_parts(home)
      outline <- merge_part_outlines(home$outlines)
      if (outline$kept == 0) stop_no_rows_anywhere(outline)
      home$rows <- outline$kept
      finish_outline(outline, home$model)
    },
    begin = function(schema, ...) {
      home$schema <- portable_schema(schema, home$model)
      shares <- unlist(ask_parts(home, "begin", list(home$schema, home$rows)))
      sum(shares * vapply(home$outlines, `[[`, 0, "kept")) / home$rows
    },
    pass = function(question) Reduce(add_sums, without_null(ask_parts(home, "pass", list(question)))),
    meat = function(coefficients, cluster = NULL, leverage = NULL) {
      if (!is.null(cluster)) environment(cluster) <- environment(home$model$formula)
      Reduce(if (is.null(cluster)) `+` else add_rows_by_name, without_null(ask_parts(home, "meat", list(coefficients, cluster, leverage))))
    },
    adopt = function(family) {
      home$model$family <- family
      ask_parts(home, "adopt", list(family))
      invisible()
    },
    search = function(question) Reduce(merge_searches, without_null(ask_parts(home, "search", list(question)))),
    epochs = function(settings) epochs_on_nodes(home, settings),
    close = function() close_on_nodes(home)
  )
}

# Outlines of the parts. What a part must know of all rows, every part is asked for by a look of its own.
open_parts <- function(home) {
  for (round in seq_len(most_looks)) {
    answers <- ask_parts(home, "open", opening(home))
    asking <- Filter(function(answer) !is.null(answer$template), answers)
    if (!length(asking)) return(answers)
    requests <- unique(unlist(lapply(asking, `[[`, "requests"), recursive = FALSE))
    look <- Reduce(function(a, b) merge_looks(requests, a, b), without_null(ask_parts(home, "look", list(requests))))
    home$model <- settle_by_look(home$model, asking[[1]]$template, requests, look)
  }
  stop_endless_looks()
}

# A part may have no rows at all.
without_null <- function(values) Filter(Negate(is.null), values)

opening <- function(home) list(home$source$expr, home$source$scope, length(home$place), home$model)

merge_part_outlines <- function(outlines) {
  labels <- sprintf("part %d", seq_along(outlines))
  outlines <- Map(label_orders, outlines, labels)
  total <- outlines[[1]]
  for (k in seq_along(outlines)[-1]) total <- merge_outlines(total, outlines[[k]], labels[k])
  total
}

# A part that says one order says it under its own name.
label_orders <- function(outline, label) {
  for (name in names(outline$variables)) {
    if (length(outline$variables[[name]]$orders) == 1) outline$variables[[name]]$orders[[1]]$label <- label
  }
  outline
}

# The model with an environment of its own, so that what surrounds the call stays here.
portable_model <- function(model, threads) {
  scope <- carried_scope(as.list(model$frame_call)[-1], environment(model$formula))
  environment(model$formula) <- scope
  environment(model$frame_call$formula) <- scope
  model$envir <- scope
  model$is_part <- TRUE
  model$threads <- as.integer(threads)
  model
}

portable_schema <- function(schema, model) {
  attr(schema$terms, ".Environment") <- environment(model$formula)
  schema
}

# Stochastic steps on all nodes at the same time: each makes an epoch over its part, then the coefficients are averaged,
# weighted by rows (Zinkevich et al. 2010).
epochs_on_nodes <- function(home, settings) {
  kept <- vapply(home$outlines, `[[`, 0, "kept")
  rows <- vapply(home$outlines, function(outline) outline$response$effective_rows %||% 0, 0)
  parts <- which(kept > 0)
  count <- 0L
  epoch <- function(iterate, average, mean_diagonal) {
    made <- ask_parts(home, "epoch", list(settings, sum(rows), count, iterate, average, mean_diagonal), parts)
    count <<- count + 1L
    mean_of <- function(name) Reduce(`+`, Map(`*`, lapply(made, `[[`, name), kept[parts])) / sum(kept)
    list(iterate = mean_of("iterate"), average = mean_of("average"), valid = all(vapply(made, `[[`, NA, "valid")))
  }
  list(epoch = epoch, close = function() invisible())
}

new_home_id <- local({
  count <- 0L
  function() sprintf("%d-%.6f-%d", Sys.getpid(), as.numeric(Sys.time()), count <<- count + 1L)
})
