# Estimates with their intervals, one below the other, under headings; a long list goes on in further columns.

# Rows with a `label`, `estimate`, `lower`, `upper`, whether the mark is `open`, and where there are such `bar` (a share) and `observed`.
# `group` is the heading above a run of rows, "" for none.
with_headings <- function(rows) {
  run <- cumsum(c(TRUE, rows$group[-1] != rows$group[-nrow(rows)]))
  headed <- lapply(split(rows, run), function(part) {
    if (!nzchar(part$group[1])) return(cbind(part, heading = FALSE))
    top <- part[1, ]
    top[setdiff(names(top), c("label", "group"))] <- NA
    top$label <- top$group
    rbind(cbind(top, heading = TRUE), cbind(transform(part, label = paste0("  ", part$label)), heading = FALSE))
  })
  do.call(rbind, c(unname(headed), make.row.names = FALSE))
}

# Columns of equal length; a heading is not left alone at a foot, and stands again above what goes on.
fold_lines <- function(rows, columns) {
  rows$column <- 1L
  if (columns > 1) {
    most <- ceiling(nrow(rows) / columns)
    rows$column <- pmin((seq_len(nrow(rows)) - 1L) %/% as.integer(most) + 1L, columns)
    last <- which(diff(rows$column) > 0)
    alone <- last[rows$heading[last]]
    rows$column[alone] <- rows$column[alone + 1]
    parts <- lapply(split(rows, rows$column), function(part) {
      if (part$heading[1] || !nzchar(part$group[1])) return(part)
      top <- part[1, ]
      top[setdiff(names(top), c("label", "group", "column"))] <- NA
      top$heading <- TRUE
      top$label <- paste(top$group, "(continued)")
      rbind(top, part)
    })
    rows <- do.call(rbind, c(unname(parts), make.row.names = FALSE))
  }
  rows$line <- stats::ave(rows$column, rows$column, FUN = seq_along)
  rows
}

# As many columns as the height needs for lines that can be read, at two inches each at least.
columns_for <- function(count) {
  lines <- par("pin")[2] / (par("cin")[2] * 0.8)
  as.integer(max(1, min(ceiling(count / lines), floor(par("fin")[1] / 2), 6)))
}

forest_range <- function(rows, null, log) {
  values <- unlist(rows[intersect(c("estimate", "lower", "upper", "observed"), names(rows))])
  values <- values[is.finite(values) & (!log | values > 0)]
  range <- range(values, null)
  if (diff(range) > 0) range else if (log) range * c(0.9, 1.1) else range + c(-1, 1)
}

forest_ticks <- function(range, log) {
  if (!log) return(pretty(range, 5))
  ticks <- grDevices::axisTicks(log10(range), log = TRUE, nint = 5)
  if (length(ticks) > 8) ticks <- 10^pretty(log10(range), 4)
  ticks <- sort(union(ticks, 1))
  # None so near to 1 that their labels would touch.
  ticks[ticks == 1 | abs(log10(ticks)) > 0.06 * diff(log10(range))]
}

bar_strip <- 0.22

# Where values and bars go in the picture, in the first of one column (the axis is then that of the values) or in the k-th of several.
forest_scale <- function(range, log, has_bars, columns, left) {
  to <- if (log) log10 else identity
  back <- if (log) function(u) 10^u else identity
  span <- to(range)
  width <- diff(span) * (1 + if (has_bars) bar_strip + 0.05 else 0)
  at <- function(u, k) if (columns == 1) back(u) else k - 1 + left + (0.96 - left) * (u - span[1]) / width
  list(value = function(x, k) at(to(x), k), bar = function(share, k) at(span[2] + diff(span) * (0.05 + bar_strip * share), k),
       limits = if (columns == 1) back(c(span[1], span[1] + width)) else c(0, columns), log = log && columns == 1)
}

# `chart`: title, label (of the axis), null, and `rows` for drawing.
draw_forest <- function(chart, rows, log, ..., columns = NULL, caption = NULL) {
  rows <- with_headings(rows)
  if (is.null(columns)) columns <- columns_for(nrow(rows)) else check_count(columns, "columns")
  rows <- fold_lines(rows, columns)
  given <- list(...)
  range <- given$xlim %||% forest_range(rows, chart$null, log)
  before <- par(mar = if (columns == 1) margin_for(rows$label, 2) else replace(par("mar"), 2, 0.5))
  on.exit(par(before))
  pitch <- par("pin")[2] / (max(rows$line) + 1)
  cex <- min(0.85, pitch / par("cin")[2] / par("cex") * 1.15)
  column_width <- par("pin")[1] / columns
  left <- if (columns == 1) 0 else min(0.45, (max(strwidth_inches(rows$label, cex)) + 0.1) / column_width)
  scale <- forest_scale(range, log, !all(is.na(rows$bar)), columns, left)
  ticks <- Filter(function(tick) tick >= range[1] - 1e-9 && tick <= range[2] + 1e-9, forest_ticks(range, log))
  bottom <- -max(rows$line)
  given$xlim <- NULL
  do.call(draw_frame, c(list(list(xlim = scale$limits, ylim = c(bottom - 0.5, -0.5), xlab = chart$label, ylab = "", main = chart$title,
                                  xaxt = "n", yaxt = "n", log = if (scale$log) "x" else "", xaxs = if (columns > 1) "i" else "r")),
                        given, list(x_ticks = NA, y_ticks = NA)))
  if (!is.null(caption)) mtext(caption, side = 3, line = 0.2, cex = 0.75 * par("cex"), col = "grey30")
  for (k in seq_len(columns)) draw_forest_column(rows[rows$column == k, ], k, scale, ticks, chart$null, columns, cex)
  invisible(chart)
}

strwidth_inches <- function(text, cex) nchar(text) * par("cin")[1] * 0.55 * cex / 0.85

draw_forest_column <- function(rows, k, scale, ticks, null, columns, cex) {
  if (!nrow(rows)) return(invisible())
  height <- -rows$line
  ends <- c(-0.5, -max(rows$line) - 0.5)
  segments(scale$value(ticks, k), ends[1], scale$value(ticks, k), ends[2], col = "grey90")
  axis(1, at = scale$value(ticks, k), labels = format_each(ticks), cex.axis = if (columns > 1) 0.75 else 0.9)
  segments(scale$value(null, k), ends[1], scale$value(null, k), ends[2], col = guide_colour, lty = "dashed")
  if (columns == 1) axis_labels(height, rows, cex) else {
    text(k - 1 + 0.01, height, rows$label, adj = c(0, 0.5), cex = cex, font = ifelse(rows$heading, 2, 1))
  }
  if (!is.null(rows$bar)) rect(scale$bar(0, k), height - 0.35, scale$bar(rows$bar, k), height + 0.35, col = "grey80", border = NA)
  segments(scale$value(rows$lower, k), height, scale$value(rows$upper, k), height, col = chart_colours[["blue"]], lwd = 2)
  if (!is.null(rows$observed)) {
    points(scale$value(rows$observed, k), height, pch = 5, cex = cex, col = chart_colours[["vermillion"]])
  }
  points(scale$value(rows$estimate, k), height, pch = 21, col = chart_colours[["blue"]], cex = cex * 1.1,
         bg = ifelse(rows$open, "white", chart_colours[["blue"]]))
}

axis_labels <- function(height, rows, cex) {
  mtext(rows$label[!rows$heading], 2, 0.3, at = height[!rows$heading], las = 1, cex = cex * par("cex"))
  if (any(rows$heading)) mtext(rows$label[rows$heading], 2, 0.3, at = height[rows$heading], las = 1, cex = cex * par("cex"), font = 2)
}

# In ggplot2, which does not know the height it will have, a column for each 32 lines.
ggplot_forest <- function(chart, rows, log, columns = NULL, caption = NULL) {
  need_ggplot2()
  rows <- with_headings(rows)
  if (is.null(columns)) columns <- ceiling(nrow(rows) / 32) else check_count(columns, "columns")
  rows <- fold_lines(rows, columns)
  range <- forest_range(rows, chart$null, log)
  scale <- forest_scale(range, log, !all(is.na(rows$bar)), 1, 0)
  ticks <- forest_ticks(range, log)
  rows$place <- factor(seq_len(nrow(rows)), rev(seq_len(nrow(rows))))
  # Within a facet the lines are numbered from below.
  rows$height <- stats::ave(rows$line, rows$column, FUN = function(line) rev(line))
  bars <- if (!is.null(rows$bar)) rows[!is.na(rows$bar), ]
  if (!is.null(bars)) bars <- cbind(bars, left = scale$bar(0, 1), right = scale$bar(bars$bar, 1))
  labels <- named(ifelse(startsWith(rows$label, "  "), paste0("    ", rows$label), rows$label), rows$place)
  ggplot2::ggplot(rows, ggplot2::aes(.data$estimate, .data$place)) +
    ggplot2::geom_vline(xintercept = chart$null, linetype = "dashed", colour = guide_colour) +
    (if (!is.null(bars)) ggplot2::geom_rect(ggplot2::aes(xmin = .data$left, xmax = .data$right, ymin = .data$height - 0.35,
                                                         ymax = .data$height + 0.35), data = bars, fill = "grey80")) +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$lower, xmax = .data$upper), colour = chart_colours[["blue"]], na.rm = TRUE) +
    (if (!is.null(rows$observed)) ggplot2::geom_point(ggplot2::aes(x = .data$observed), shape = 5, size = 1.4, na.rm = TRUE,
                                                      colour = chart_colours[["vermillion"]])) +
    ggplot2::geom_point(shape = 21, size = 1.8, colour = chart_colours[["blue"]], na.rm = TRUE,
                        fill = ifelse(rows$open %in% TRUE, "white", chart_colours[["blue"]])) +
    (if (columns > 1) ggplot2::facet_wrap("column", nrow = 1, scales = "free_y")) +
    # Layers without the headings must not put these last.
    ggplot2::scale_y_discrete(labels = labels, limits = function(places) intersect(levels(rows$place), places)) +
    (if (log) ggplot2::scale_x_log10(breaks = ticks, labels = format_each(ticks))
     else ggplot2::scale_x_continuous(breaks = ticks, labels = format_each(ticks))) +
    ggplot2::labs(title = chart$title, x = chart$label, y = NULL, caption = caption) +
    light_theme() +
    ggplot2::theme(strip.text = ggplot2::element_blank(), axis.text.y = ggplot2::element_text(hjust = 0))
}
