/// Columns as wide as their widest cell, two spaces apart.
struct Table {
    private var rows: [[String]]

    init(_ titles: String...) {
        self.init(titles: titles)
    }

    init(titles: [String]) {
        rows = [titles]
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    mutating func add(cells: [String]) {
        rows.append(cells)
    }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let padded = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return padded.joined(separator: "  ")
        }
    }
}
