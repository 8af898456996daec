import Primitives

extension Overlay {
    /// Leaves the log that tells of `value` moving, in the form that ERC-20 tokens use for theirs, under the address
    /// that stands for the coin itself (ERC-7528).
    mutating func logTransfer(from payer: Address, to recipient: Address, _ value: UInt256) {
        let topics = (TransferLog.topic, UInt256(payer).hash, UInt256(recipient).hash, Hash32.zero)
        unsafe value.bigEndianBytes.withUnsafeBytes { data in
            unsafe logs.appendTransfer(TransferLog.address, topicCount: 3, topics, data: data)
        }
    }
}

private enum TransferLog {
    /// keccak of Transfer(address,address,uint256) (ERC-20).
    static let topic = Hash32(
        0xddf2_52ad_1be2_c89b, 0x69c2_b068_fc37_8daa, 0x952b_a7f1_63c4_a116, 0x28f5_5a4d_f523_b3ef)
    /// ERC-7528
    static let address = Address(word0: 0xeeee_eeee_eeee_eeee, word1: 0xeeee_eeee_eeee_eeee, word2: 0xeeee_eeee)
}
