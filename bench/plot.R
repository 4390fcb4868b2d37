# Seconds of every fit on a log axis, a lane for each workload: equal distances are equal ratios.

# Okabe and Ito's colours; each kind has a symbol of its own too.
kinds <- data.frame(
  label = c("glmpp", "glm()", "formula peers", "matrix peers with SE", "matrix peers without SE", "factors absorbed",
            "OpenBLAS dsyrk"),
  colour = c("#0072B2", "#000000", "#D55E00", "#009E73", "#009E73", "#CC79A7", "#7F7F7F"),
  symbol = c(18, 19, 17, 15, 0, 4, 3),
  size = c(2.6, 1.5, 1.2, 1.2, 1.2, 1.2, 1.2)
)

plot_results <- function(results, path) {
  results <- results[!is.na(results$seconds) & results$fitter != "glmpp, 1 thread", ]
  lanes <- rev(unique(results$workload))
  results <- results[order(results$fitter == "glmpp"), ]
  height <- match(results$workload, lanes)
  kind <- kinds[kind_of(results), ]
  grDevices::png(path, width = 1500, height = 300 + 75 * length(lanes), res = 150)
  on.exit(grDevices::dev.off())
  graphics::par(mar = c(4, 4, 4.5, 6), mgp = c(2.4, 0.7, 0), las = 1)
  plot(results$seconds, height, type = "n", log = "x", axes = FALSE, xlab = "seconds, log scale", ylab = "",
       ylim = c(0.5, length(lanes) + 0.5))
  graphics::abline(h = seq_along(lanes), col = "grey88")
  ticks <- 10^(-4:3)
  graphics::axis(1, at = ticks, labels = format(ticks, drop0trailing = TRUE, scientific = FALSE, trim = TRUE))
  graphics::axis(2, at = seq_along(lanes), labels = lanes, tick = FALSE)
  graphics::points(results$seconds, height, pch = kind$symbol, col = kind$colour, cex = kind$size, lwd = 1.5)
  ratios <- vapply(lanes, function(lane) ratio_of(results[results$workload == lane, ]), "")
  graphics::mtext(ratios, side = 4, at = seq_along(lanes), line = 0.3, cex = 0.85)
  if (any(grepl("*", ratios, fixed = TRUE))) {
    graphics::mtext("* glm() on a tenth of the rows", side = 1, adj = 1, line = 2.4, cex = 0.75)
  }
  graphics::mtext("glm() / glmpp", side = 4, at = length(lanes) + 0.7, line = 0.3, cex = 0.75)
  graphics::legend("top", legend = kinds$label, col = kinds$colour, pch = kinds$symbol, pt.cex = kinds$size,
                   pt.lwd = 1.5, bty = "n", ncol = 4, cex = 0.8, inset = c(0, -0.14), xpd = TRUE)
}

kind_of <- function(results) {
  ifelse(results$fitter == "glmpp", 1, ifelse(results$fitter == "glm", 2, ifelse(results$interface == "formula", 3,
    ifelse(results$interface == "absorbed", 6, ifelse(results$interface == "kernel", 7,
      ifelse(results$standard_errors, 4, 5))))))
}

# With a star where glm() had fewer rows.
ratio_of <- function(results) {
  fewer <- isTRUE(value_of(results, "glm", "rows") < value_of(results, "glmpp", "rows"))
  paste0(ratio_text(seconds_of(results, "glm") / seconds_of(results, "glmpp")), if (fewer) " *")
}
